-- Organizations, and what profiles say of them, of consent and of static lists.

CREATE TABLE IF NOT EXISTS organizations
(
    organization_id String CODEC(ZSTD),
    version UInt64,
    traits JSON(max_dynamic_paths = 1024)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY organization_id
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE profiles
    ADD COLUMN IF NOT EXISTS organizations Array(String) CODEC(ZSTD),
    ADD COLUMN IF NOT EXISTS withheld UInt8 COMMENT 'bit 1: analytics, bit 2: personalization',
    ADD COLUMN IF NOT EXISTS lists Array(String) CODEC(ZSTD) COMMENT 'keys of segments';
