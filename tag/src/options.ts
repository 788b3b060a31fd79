// What the page's script element says: data-write-key="…" and so on.

const script = (document.currentScript ?? document.querySelector("script[data-write-key]")) as HTMLScriptElement | null;

/** An option by its name in the dataset (data-page-views is `pageViews`); undefined where it is not said. */
export const option = (name: string): string | undefined => script?.dataset[name];

/** The token of a preview link: then the page is somebody else's, and nothing is sent or stored. */
export const preview = location.search.match(/[?&]lenticular-preview=([^&]+)/)?.[1];

/** Where the server answers. */
export const host = new URL(option("host") ?? "", script?.src || location.href).origin;
