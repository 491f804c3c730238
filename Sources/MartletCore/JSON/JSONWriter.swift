/// Writes JSON into a byte array; it sets the commas itself.
package struct JSONWriter: Sendable {
    /// What was written.
    package var bytes: [UInt8]
    private var needsComma = false

    /// Starts with `bytes`, to which it appends.
    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    package mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A member's name; its value must follow.
    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member's name from bytes; its value must follow.
    package mutating func key(_ name: UnsafeRawBufferPointer) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { JSONWriter.appendString(UnsafeRawBufferPointer($0), to: &bytes) }
    }

    /// A string from bytes; what is not UTF-8 becomes U+FFFD.
    package mutating func string(_ text: UnsafeRawBufferPointer) {
        separate()
        JSONWriter.appendString(text, to: &bytes)
    }

    /// A string from bytes; what is not UTF-8 becomes U+FFFD.
    package mutating func string(_ text: [UInt8]) {
        separate()
        text.withUnsafeBytes { JSONWriter.appendString($0, to: &bytes) }
    }

    package mutating func int(_ value: Int64) {
        separate()
        FloatText.appendInteger(value, to: &bytes)
    }

    package mutating func int(_ value: Int) { int(Int64(value)) }

    package mutating func uint(_ value: UInt64) {
        if let small = Int64(exactly: value) { return int(small) }
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A number as a JSON number; NaN and infinities, which JSON has not, become null.
    package mutating func double(_ value: Double) {
        separate()
        if value.isFinite {
            FloatText.append(value, to: &bytes)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
    }

    /// A sample value as Prometheus' API writes it: a number's text inside quotes.
    package mutating func sampleValue(_ value: Double) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        FloatText.append(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A sample time as Prometheus' API writes it: seconds with up to three decimals.
    package mutating func sampleTime(_ milliseconds: Int64) {
        separate()
        TimestampMs(milliseconds).appendSeconds(to: &bytes)
    }

    /// A sample as Prometheus' API writes it, `[seconds,"value"]`: what answers consist of, so it is appended whole.
    package mutating func sample(_ milliseconds: Int64, _ value: Double) {
        let room = TimestampMs.maxBytes + FloatText.maxBytes + 6
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            guard let base = buffer.baseAddress else { return }
            var end = base
            if needsComma {
                end[0] = UInt8(ascii: ",")
                end += 1
            }
            end[0] = UInt8(ascii: "[")
            end += 1
            end += TimestampMs(milliseconds).writeSeconds(to: end)
            end[0] = UInt8(ascii: ",")
            end[1] = UInt8(ascii: "\"")
            end += 2
            end += FloatText.write(value, to: end)
            end[0] = UInt8(ascii: "\"")
            end[1] = UInt8(ascii: "]")
            end += 2
            bytes.append(contentsOf: UnsafeBufferPointer(start: base, count: end - base))
        }
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A value that is JSON already.
    package mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// A value that is JSON already.
    package mutating func raw(_ json: String) { raw(json.utf8) }

    /// A label set as an object.
    package mutating func labels(_ labels: Labels) {
        beginObject()
        labels.forEach { name, value in
            key(name)
            string(value)
        }
        endObject()
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}
