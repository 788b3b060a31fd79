"""The settings that a request may bring, and those that a client sends without meaning anything here."""

from __future__ import annotations

SETTINGS = frozenset(
    {
        # limits
        "max_threads",
        "max_memory_usage",
        "max_execution_time",
        "max_rows_to_read",
        "max_bytes_to_read",
        "max_result_rows",
        "max_result_bytes",
        "result_overflow_mode",
        "timeout_overflow_mode",
        "max_bytes_before_external_group_by",
        "max_bytes_before_external_sort",
        "max_block_size",
        "readonly",
        # inserts
        "async_insert",
        "insert_deduplicate",
        "insert_deduplication_token",
        "max_insert_block_size",
        "max_insert_block_size_bytes",
        "min_insert_block_size_rows",
        "min_insert_block_size_bytes",
        "max_insert_threads",
        "max_partitions_per_insert_block",
        "mutations_sync",
        "alter_sync",
        # how values are read
        "date_time_input_format",
        "cast_string_to_dynamic_use_inference",
        "input_format_parallel_parsing",
        "input_format_skip_unknown_fields",
        "input_format_try_infer_dates",
        "input_format_try_infer_datetimes",
        "input_format_try_infer_integers",
        "input_format_json_try_infer_numbers_from_strings",
        "input_format_json_try_infer_named_tuples_from_objects",
        "input_format_json_read_numbers_as_strings",
        "input_format_json_read_bools_as_strings",
        "input_format_null_as_default",
        # how answers are written and joined
        "output_format_json_quote_64bit_integers",
        "output_format_json_quote_64bit_floats",
        "output_format_json_quote_denormals",
        "output_format_native_write_json_as_string",
        "output_format_native_encode_types_in_binary_format",
        "date_time_output_format",
        "join_use_nulls",
        "join_algorithm",
        "transform_null_in",
        "final",
        "extremes",
        "optimize_aggregation_in_order",
        "session_timezone",
    }
)

IGNORED = frozenset(
    {
        "database",
        "query_id",
        "default_format",
        "wait_end_of_query",  # always: an answer is complete before its first byte leaves
        "cancel_http_readonly_queries_on_client_close",  # always: see dialect.py
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "send_progress_in_http_headers",
        "client_protocol_version",  # answers come in version 0, and clients check
        "buffer_size",
        "quota_key",
    }
)
