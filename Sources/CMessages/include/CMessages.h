#pragma once

#include "loki_push.pb-c.h"
#include "otlp_common.pb-c.h"
#include "otlp_logs.pb-c.h"
#include "otlp_metrics.pb-c.h"
#include "otlp_trace.pb-c.h"
#include "remote_write.pb-c.h"
#include "remote_write_v2.pb-c.h"
#include "rpc_status.pb-c.h"
#include "tempo_query.pb-c.h"

// The address of each top-level message's descriptor, which Swift cannot take of an imported constant.
#define MARTLET_SCHEMA(name, descriptor) \
    static inline const ProtobufCMessageDescriptor *martlet_schema_##name(void) { return &(descriptor); }

MARTLET_SCHEMA(write_request, martlet__remote_write__write_request__descriptor)
MARTLET_SCHEMA(write_request_v2, martlet__remote_write_v2__request__descriptor)
MARTLET_SCHEMA(push_request, martlet__loki_push__push_request__descriptor)
MARTLET_SCHEMA(trace_request, martlet__otlp__export_trace_service_request__descriptor)
MARTLET_SCHEMA(trace_response, martlet__otlp__export_trace_service_response__descriptor)
MARTLET_SCHEMA(logs_request, martlet__otlp__export_logs_service_request__descriptor)
MARTLET_SCHEMA(metrics_request, martlet__otlp__export_metrics_service_request__descriptor)
MARTLET_SCHEMA(any_value, martlet__otlp__any_value__descriptor)
MARTLET_SCHEMA(status, martlet__rpc__status__descriptor)
MARTLET_SCHEMA(retry_info, martlet__rpc__retry_info__descriptor)
MARTLET_SCHEMA(tempo_search_request, martlet__tempo__search_request__descriptor)
MARTLET_SCHEMA(tempo_search_response, martlet__tempo__search_response__descriptor)
MARTLET_SCHEMA(tempo_tags_request, martlet__tempo__search_tags_request__descriptor)
MARTLET_SCHEMA(tempo_tags_response, martlet__tempo__search_tags_response__descriptor)
MARTLET_SCHEMA(tempo_tags_v2_response, martlet__tempo__search_tags_v2_response__descriptor)
MARTLET_SCHEMA(tempo_tag_values_request, martlet__tempo__search_tag_values_request__descriptor)
MARTLET_SCHEMA(tempo_tag_values_response, martlet__tempo__search_tag_values_response__descriptor)
MARTLET_SCHEMA(tempo_tag_values_v2_response, martlet__tempo__search_tag_values_v2_response__descriptor)
MARTLET_SCHEMA(tempo_range_request, martlet__tempo__query_range_request__descriptor)
MARTLET_SCHEMA(tempo_range_response, martlet__tempo__query_range_response__descriptor)
MARTLET_SCHEMA(tempo_instant_request, martlet__tempo__query_instant_request__descriptor)
MARTLET_SCHEMA(tempo_instant_response, martlet__tempo__query_instant_response__descriptor)

#undef MARTLET_SCHEMA
