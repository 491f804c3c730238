package import MartletCore

/// Writes OTLP messages as JSON; members at their default are left out, 64-bit numbers are strings.
package struct OTLPJSONEncoder {
    /// Where the JSON goes.
    package var json: JSONWriter
    /// How ids and enums look.
    package let style: OTLP.JSONStyle

    /// Writes behind what `json` holds.
    package init(_ json: JSONWriter = JSONWriter(), style: OTLP.JSONStyle = .otlp) {
        self.json = json
        self.style = style
    }

    // MARK: Members

    mutating func object(_ body: (inout OTLPJSONEncoder) -> Void) {
        json.beginObject()
        body(&self)
        json.endObject()
    }

    mutating func list<T>(_ key: String, _ values: [T], _ element: (inout OTLPJSONEncoder, T) -> Void) {
        guard !values.isEmpty else { return }
        json.key(key)
        json.beginArray()
        for value in values { element(&self, value) }
        json.endArray()
    }

    mutating func text(_ key: String, _ value: ByteString) {
        guard !value.isEmpty else { return }
        json.key(key)
        value.withBytes { json.string($0) }
    }

    mutating func number(_ key: String, _ value: UInt32) {
        guard value != 0 else { return }
        json.key(key)
        json.int(Int(value))
    }

    mutating func quoted(_ key: String, _ value: UInt64) {
        guard value != 0 else { return }
        json.key(key)
        json.string(String(value))
    }

    mutating func double(_ key: String, _ value: Double) {
        json.key(key)
        if value.isFinite {
            json.double(value)
        } else {
            json.string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        }
    }

    mutating func enumeration(_ key: String, _ value: Int32, _ names: [String]) {
        guard value != 0 else { return }
        json.key(key)
        if style.enumNames, names.indices.contains(Int(value)) {
            json.string(names[Int(value)])
        } else {
            json.int(Int(value))
        }
    }

    mutating func id(_ key: String, _ bytes: [UInt8]) {
        json.key(key)
        var text: [UInt8] = []
        if style.base64IDs {
            text = bytes.withUnsafeBytes { Base64.encode($0) }
        } else {
            Hex.append(bytes, to: &text)
        }
        json.string(text)
    }

    // MARK: What all signals share

    /// An object of the envelope that all signals share: a resource or a scope, which `head` writes, what belongs to it,
    /// and the schema.
    mutating func group<T>(
        _ key: String, _ items: [T], schemaURL: ByteString, of head: (inout OTLPJSONEncoder) -> Void,
        _ element: (inout OTLPJSONEncoder, T) -> Void
    ) {
        object { encoder in
            head(&encoder)
            encoder.list(key, items, element)
            encoder.text("schemaUrl", schemaURL)
        }
    }

    mutating func attributes(_ key: String, _ attributes: [OTLP.KeyValue]) {
        list(key, attributes) { $0.keyValue($1) }
    }

    /// An attribute as an object with `key` and `value`.
    package mutating func keyValue(_ pair: OTLP.KeyValue) {
        object { encoder in
            encoder.json.key("key")
            pair.key.withBytes { encoder.json.string($0) }
            encoder.json.key("value")
            encoder.value(pair.value)
        }
    }

    /// A value as an object with one member named for its type.
    package mutating func value(_ value: OTLP.AnyValue) {
        object { encoder in
            switch value {
            case .empty: break
            case .string(let text):
                encoder.json.key("stringValue")
                text.withBytes { encoder.json.string($0) }
            case .bool(let flag):
                encoder.json.key("boolValue")
                encoder.json.bool(flag)
            case .int(let number):
                encoder.json.key("intValue")
                encoder.json.string(String(number))
            case .double(let number): encoder.double("doubleValue", number)
            case .array(let values):
                encoder.json.key("arrayValue")
                encoder.object { $0.list("values", values) { $0.value($1) } }
            case .map(let pairs):
                encoder.json.key("kvlistValue")
                encoder.object { $0.attributes("values", pairs) }
            case .bytes(let bytes):
                encoder.json.key("bytesValue")
                encoder.json.string(bytes.withBytes { Base64.encode($0) })
            }
        }
    }

    mutating func resource(_ resource: OTLP.Resource) {
        json.key("resource")
        object { encoder in
            encoder.attributes("attributes", resource.attributes)
            encoder.number("droppedAttributesCount", resource.droppedAttributesCount)
        }
    }

    mutating func scope(_ scope: OTLP.InstrumentationScope) {
        json.key("scope")
        object { encoder in
            encoder.text("name", scope.name)
            encoder.text("version", scope.version)
            encoder.attributes("attributes", scope.attributes)
            encoder.number("droppedAttributesCount", scope.droppedAttributesCount)
        }
    }
}
