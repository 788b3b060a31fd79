-- Each statement ends with a semicolon at the end of a line. Keys inside the JSON columns are those of
-- criteria/tables.py, one path per (name, type).

-- Weekly partitions; a batch counts once by its token, for the newest 10,000 batches of a table.
CREATE TABLE IF NOT EXISTS events
(
    seq UInt64 CODEC(Delta, ZSTD),
    time Int64 CODEC(Delta, ZSTD) COMMENT 'milliseconds since 1970-01-01T00:00Z',
    tie Int64 COMMENT 'orders events of one millisecond',
    profile_id UInt64 CODEC(Delta, ZSTD),
    name LowCardinality(String),
    type LowCardinality(String),
    session_id UInt64,
    day Int32 CODEC(Delta, ZSTD) COMMENT 'day since 1970-01-01 in the zone of the site',
    minute UInt16 COMMENT 'minute of that day',
    received Int64 CODEC(Delta, ZSTD),
    message_id String CODEC(ZSTD),
    properties JSON(max_dynamic_paths = 1024),
    context JSON(max_dynamic_paths = 256),
    INDEX seq_range seq TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY intDiv(time, 604800000)
ORDER BY (name, profile_id, time)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS profiles
(
    profile_id UInt64 CODEC(Delta, ZSTD),
    version UInt64,
    user_id String CODEC(ZSTD),
    anonymous_ids Array(String) CODEC(ZSTD),
    first_seen Int64,
    traits JSON(max_dynamic_paths = 1024),
    gone UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY profile_id
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS sessions
(
    profile_id UInt64 CODEC(Delta, ZSTD),
    session_id UInt64,
    start Int64 CODEC(Delta, ZSTD),
    last Int64 CODEC(Delta, ZSTD),
    number UInt32,
    properties JSON(max_dynamic_paths = 256),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (profile_id, session_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS merges
(
    loser UInt64,
    survivor UInt64,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY loser
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- For analysts: times that can be read.
CREATE VIEW IF NOT EXISTS events_view AS
SELECT
    fromUnixTimestamp64Milli(time, 'UTC') AS time,
    fromUnixTimestamp64Milli(received, 'UTC') AS received,
    name, type, profile_id, session_id, properties, context, message_id, seq
FROM events;
