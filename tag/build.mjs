// Bundles the tag: the main file, which knows the second one by its content's hash. Usage: node build.mjs FOLDER
import { createHash } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const [into] = process.argv.slice(2);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const bundled = async (entry, format, define = {}) => {
  const done = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    write: false,
    format,
    define,
    charset: "utf8",
    target: "es2021",
    logLevel: "error",
    tsconfigRaw: {},
  });
  const [{ text: code }] = done.outputFiles;
  // Whatever may happen while the main file begins: the page hears nothing of it.
  const text = format === "iife" ? `try{${code}}catch(error){console.debug(error)}` : code;
  // terser finds another three percent, which the budget of the main file is glad of.
  const smaller = await minify(text, { ecma: 2021, module: format === "esm", compress: { passes: 2 } });
  return smaller.code;
};

const more = await bundled("src/more/index.ts", "esm");
const version = createHash("sha256").update(more).digest("hex").slice(0, 12);
const main = await bundled("src/index.ts", "iife", { MORE: JSON.stringify(`/lenticular/more.js?v=${version}`) });

writeFileSync(`${into}/lenticular.js`, main);
writeFileSync(`${into}/more.js`, more);
copyFileSync(here("lenticular.d.ts"), `${into}/lenticular.d.ts`);
