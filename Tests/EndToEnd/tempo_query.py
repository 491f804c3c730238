"""A client of Tempo's query API over gRPC, with messages from Protos/tempo_query.proto, which is read here as it stands."""

import pathlib
import re

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PROTOS = pathlib.Path(__file__).parents[2] / "Protos"
SERVICE = "tempopb.StreamingQuerier"
FIELD = re.compile(r"(optional|repeated|)\s*([\w.]+) (\w+) = (\d+);")


def _file(name):
    """The descriptor of one of our files: messages with fields, a oneof, and an enum are all they have."""
    file = descriptor_pb2.FileDescriptorProto(name=name, syntax="proto2")
    types = descriptor_pb2.FieldDescriptorProto
    enums, message, oneof = set(), None, False
    for line in (PROTOS / name).read_text().splitlines():
        line = line.split("//")[0].strip()
        if match := re.match(r"package ([\w.]+);", line):
            file.package = match[1]
        elif match := re.match(r'import "(.+)";', line):
            file.dependency.append(match[1])
        elif match := re.match(r"message (\w+) \{", line):
            message = file.message_type.add(name=match[1])
        elif match := re.match(r"enum (\w+) \{", line):
            message = file.enum_type.add(name=match[1])
            enums.add(match[1])
        elif match := re.match(r"oneof (\w+) \{", line):
            message.oneof_decl.add(name=match[1])
            oneof = True
        elif line == "}":
            oneof = False
        elif isinstance(message, descriptor_pb2.EnumDescriptorProto):
            if match := re.match(r"(\w+) = (\d+);", line):
                message.value.add(name=match[1], number=int(match[2]))
        elif message is not None and (match := FIELD.match(line)):
            label, kind, field, number = match.groups()
            field = message.field.add(name=field, number=int(number))
            field.label = types.LABEL_REPEATED if label == "repeated" else types.LABEL_OPTIONAL
            scalar = getattr(types, "TYPE_" + ("STRING" if kind == "bytes" else kind.upper()), None)
            if scalar is not None:
                field.type = scalar
            else:
                field.type = types.TYPE_ENUM if kind in enums or kind == "PartialStatus" else types.TYPE_MESSAGE
                field.type_name = "." + (kind if "." in kind else f"{file.package}.{kind}")
            if oneof:
                field.oneof_index = 0
    return file


_pool = descriptor_pool.DescriptorPool()
for _name in ("otlp_common.proto", "tempo_query.proto"):
    _pool.Add(_file(_name))


def message(name):
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"martlet.tempo.{name}"))


CALLS = {
    "Search": ("SearchRequest", "SearchResponse"),
    "SearchTags": ("SearchTagsRequest", "SearchTagsResponse"),
    "SearchTagsV2": ("SearchTagsRequest", "SearchTagsV2Response"),
    "SearchTagValues": ("SearchTagValuesRequest", "SearchTagValuesResponse"),
    "SearchTagValuesV2": ("SearchTagValuesRequest", "SearchTagValuesV2Response"),
    "MetricsQueryRange": ("QueryRangeRequest", "QueryRangeResponse"),
    "MetricsQueryInstant": ("QueryInstantRequest", "QueryInstantResponse"),
}


class Querier:
    """Calls of a server at HOST:PORT; `options` are the channel's."""

    def __init__(self, address, credentials=None, compression=None, options=()):
        if credentials:
            self.channel = grpc.secure_channel(address, credentials, options=options, compression=compression)
        else:
            self.channel = grpc.insecure_channel(address, options=options, compression=compression)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def stream(self, call, metadata=None, timeout=30, raw=None, **fields):
        """The call's messages as they come. `raw` is sent in place of a message of `fields`."""
        request, response = CALLS.get(call, CALLS["Search"])
        method = self.channel.unary_stream(
            f"/{SERVICE}/{call}", request_serializer=lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
            response_deserializer=message(response).FromString)
        return method(raw if raw is not None else message(request)(**fields), metadata=metadata, timeout=timeout)

    def last(self, call, **arguments):
        """The call's last message."""
        return list(self.stream(call, **arguments))[-1]
