-- Who belonged to each segment when that was counted (hourly, and after a publish), and how many they were.

-- Within a day every count is kept, so that who moved from one to the next can be told; of a day that is past the last one
-- stays (see upkeep.py). The ids are those of then: whoever reads them goes through `merges`.
CREATE TABLE IF NOT EXISTS segment_members
(
    segment LowCardinality(String) COMMENT 'key',
    day Int32 COMMENT 'day since 1970-01-01 in the zone of the site',
    at Int64 COMMENT 'milliseconds since 1970-01-01T00:00Z',
    known UInt64 COMMENT 'how many had a user id',
    members AggregateFunction(groupBitmap, UInt64)
)
ENGINE = ReplacingMergeTree
PARTITION BY intDiv(day, 7)
ORDER BY (segment, day, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS segment_sizes
(
    segment LowCardinality(String),
    at Int64,
    size UInt64,
    known UInt64,
    joined UInt64 COMMENT 'since the count before',
    left UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY intDiv(at, 2592000000)
ORDER BY (segment, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
