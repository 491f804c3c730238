import Wire

/// Tags and their values as Tempo writes them in protobuf. Their text is limited, and they fit into one message.
enum TagMessages {
    /// `SearchTagsResponse`.
    static func names(_ names: [String], _ jobs: StreamedProgress.Jobs) -> [[UInt8]] {
        packed(jobs, names) { name, writer in writer.string(1, name) }
    }

    /// `SearchTagsV2Response`.
    static func scopes(_ scopes: [QueryRoutes.TagScope], _ jobs: StreamedProgress.Jobs) -> [[UInt8]] {
        packed(jobs, scopes) { scope, writer in
            writer.message(1) {
                $0.string(1, scope.name)
                for tag in scope.tags { $0.string(2, tag) }
            }
        }
    }

    /// `SearchTagValuesResponse` and `SearchTagValuesV2Response`.
    static func values(
        _ values: [QueryRoutes.TagValue], isV2: Bool, _ jobs: StreamedProgress.Jobs
    ) -> [[UInt8]] {
        packed(jobs, values) { value, writer in
            guard isV2 else { return writer.bytes(1, value.text) }
            writer.message(1) {
                $0.string(1, value.type)
                $0.bytes(2, value.text)
            }
        }
    }

    private static func packed<Element>(
        _ jobs: StreamedProgress.Jobs, _ elements: [Element], _ write: (Element, inout ProtoWriter) -> Void
    ) -> [[UInt8]] {
        var packer = MessagePacker(limit: .max, jobs) { jobs, writer in
            writer.message(2) {
                $0.uint64(2, UInt64(jobs.total))
                if jobs.done > 0 { $0.uint64(3, UInt64(jobs.done)) }
            }
        }
        for element in elements { packer.add { write(element, &$0) } }
        return packer.finished()
    }
}
