import MartletCore
import Testing

@Suite("JSON")
struct JSONTests {
    @Test("is written with commas and escapes where they belong")
    func writer() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(-1)
        writer.key("b\"")
        writer.beginArray()
        writer.string("x\n\u{1}é\\")
        writer.double(0.5)
        writer.double(.nan)
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.uint(.max)
        writer.sampleTime(1500)
        writer.sampleValue(.infinity)
        writer.raw("[1]")
        writer.string([0x61, 0xff, 0xc3, 0x62])
        writer.endArray()
        writer.key("l")
        writer.labels(Labels([("x", "1"), ("a", "2")]))
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":-1,"b\"":["x\n\u0001é\\",0.5,null,true,null,{},[],18446744073709551615,1.500,"+Inf",[1],"#
                + "\"a\u{fffd}\u{fffd}b\"],\"l\":{\"a\":\"2\",\"x\":\"1\"}}")
    }

    @Test(
        "a character that must be escaped is, wherever in a long string it stands",
        arguments: ["\"", "\\", "\n", "é", "\u{7f}"])
    func longStrings(special: String) throws {
        for length in 0..<50 {
            for place in 0...length {
                let text =
                    String(repeating: "a", count: place) + special + String(repeating: "b", count: length - place)
                var writer = JSONWriter()
                writer.string(text)
                let escaped = special == "\n" ? "\\n" : special == "\"" || special == "\\" ? "\\" + special : special
                #expect(
                    String(decoding: writer.bytes, as: UTF8.self)
                        == "\"" + String(repeating: "a", count: place) + escaped
                        + String(repeating: "b", count: length - place) + "\"")
            }
        }
    }

    @Test("text of any bytes and of any length is written as it is byte by byte")
    func anyText() {
        // Plain text, quotes as dense as in logs, long characters, and what is no UTF-8.
        let pieces: [[UInt8]] = [
            Array("abcdefghijk".utf8), Array("\"level\":\"info\"".utf8), Array("\\\"".utf8), [1], [31], [127], [128],
            [255],
            Array("é€😀".utf8), [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0], [9, 10, 13],
        ]
        var random = SystemRandomNumberGenerator()
        for length in Array(0..<40) + Array(990..<1060) + [2040, 4100] {
            var text: [UInt8] = []
            while text.count < length { text += pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            var whole: [UInt8] = [1]
            text.withUnsafeBytes { JSONWriter.appendString($0, to: &whole) }
            #expect(whole == [1] + Self.quoted(text), "\(text)")
        }
        for count in 980..<1050 {
            let text = [UInt8](repeating: 7, count: count / 6) + [UInt8](repeating: 97, count: count % 6)
            var whole: [UInt8] = []
            text.withUnsafeBytes { JSONWriter.appendString($0, to: &whole) }
            #expect(whole == Self.quoted(text))
        }
    }

    /// A string as JSON has it, byte by byte.
    private static func quoted(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [34]
        var index = 0
        while index < text.count {
            let byte = text[index]
            var length = 1
            switch byte {
            case 34, 92: out += [92, byte]
            case 10: out += Array("\\n".utf8)
            case 13: out += Array("\\r".utf8)
            case 9: out += Array("\\t".utf8)
            case 0..<32: out += Array(("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8)
            case 128...:
                let scalar = text.withUnsafeBytes { GoQuote.scalar(in: $0, at: index) }
                length = scalar?.1 ?? 1
                out += scalar == nil ? [0xef, 0xbf, 0xbd] : Array(text[index..<index + length])
            default: out.append(byte)
            }
            index += length
        }
        return out + [34]
    }

    @Test(
        "is read and written back the same",
        arguments: [
            "null", "true", "[]", "{}", "[1,-0.5e+10,\"\"]", #"{"a":{"b":[{}]},"a":1}"#, #""\"\\ü""#,
            "12345678901234567890",
        ])
    func roundTrip(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(String(decoding: value.bytes, as: UTF8.self) == text)
    }

    @Test("escapes are resolved, surrogate pairs joined, lone ones replaced")
    func escapes() throws {
        let value = try JSONValue(parsing: #" "\u0041\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d\u0041\udc00" "#)
        #expect(value.string == "A/\u{8}\u{c}\n\r\té😀\u{fffd}A\u{fffd}")
    }

    @Test("values have typed accessors")
    func accessors() throws {
        let value = try JSONValue(
            parsing: #"{"s":"x","i":42,"f":1.5,"e":1e3,"b":true,"n":null,"a":[1,2],"s":"last"}"#)
        #expect(value["s"]?.string == "last")
        #expect(value["i"]?.int64 == 42)
        #expect(value["f"]?.double == 1.5)
        #expect(value["f"]?.int64 == nil)
        #expect(value["e"]?.int64 == 1000)
        #expect(value["b"]?.bool == true)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?[1]?.int64 == 2)
        #expect(value["a"]?[2] == nil)
        #expect(value["zzz"] == nil)
        #expect(value.object?.count == 8)
    }

    @Test("is pulled without a tree")
    func pull() throws {
        let text = Array(
            #" {"skip" : [1,{"x":"}"}], "k\u0065y" : "v", "n": "12", "m": -3, "d": 2.5, "z": null } "#.utf8)
        try text.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            var seen: [String] = []
            try reader.beginObject()
            while try reader.nextKey() {
                seen.append(reader.key)
                if reader.isKey("key") {
                    #expect(try reader.string() == "v")
                } else if reader.isKey("n") {
                    #expect(try reader.int64(quoted: true) == 12)
                } else if reader.isKey("m") {
                    #expect(try reader.int64() == -3)
                } else if reader.isKey("d") {
                    #expect(try reader.double() == 2.5)
                } else if reader.isKey("z") {
                    #expect(try reader.null())
                } else {
                    #expect(try reader.skipValue().count == 13)
                }
            }
            try reader.end()
            #expect(seen == ["skip", "key", "n", "m", "d", "z"])
        }
    }

    @Test(
        "errors say where",
        arguments: [
            ("", 0, "unexpected end of input"), ("[1,]", 3, "a member is missing after ','"),
            ("{\"a\" 1}", 5, "':' is missing"),
            ("[1 2]", 3, "',' or ']' is missing"), ("{,}", 1, "a member name is missing"),
            ("01", 0, "a number must not begin with 0"),
            ("1.", 2, "a digit is missing"), ("-", 1, "a digit is missing"), ("1e", 2, "a digit is missing"),
            ("tru", 0, "unexpected end of input"), ("trux", 0, "unknown word"), ("\"a", 2, "a string is not closed"),
            ("\"\\x\"", 1, "unknown escape"), ("\"\\u12g4\"", 5, "not a hexadecimal digit"),
            ("\"\u{1}\"", 1, "control character in a string"), ("1 1", 2, "unexpected text after the value"),
            ("{\"a\":1,}", 7, "a member is missing after ','"), ("]", 0, "a value cannot begin here"),
            ("nul", 0, "unexpected end of input"),
        ] as [(String, Int, String)])
    func errors(text: String, offset: Int, reason: String) {
        #expect(throws: JSONError(offset: offset, reason: reason)) { try JSONValue(parsing: text) }
    }

    @Test("may have control bytes in its strings where they are allowed")
    func controlBytes() throws {
        let text = Array("{\"a\tb\":\"c\u{1}\\n\"}".utf8)
        try text.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer, allowsControlBytes: true)
            try reader.beginObject()
            let hasMember = try reader.nextKey()
            let value = try reader.string()
            #expect(hasMember)
            #expect(reader.key == "a\tb")
            #expect(value == "c\u{1}\n")
        }
    }

    @Test("is refused when nested too deep, and accepted at the limit")
    func depth() throws {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        _ = try JSONValue(parsing: deep)
        let deeper = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(offset: 100, reason: "nested deeper than 100")) { try JSONValue(parsing: deeper) }
        let objects = String(repeating: "{\"a\":", count: 101)
        #expect(throws: JSONError.self) { try JSONValue(parsing: objects) }
    }

    @Test("is refused at every truncation, and never crashes when mutated")
    func corruption() throws {
        let text = Array(#"{"a":[1,2.5e-3,"x\u00e9\n",true,false,null],"b":{"c":{}}}"#.utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
        }
        var state: UInt64 = 3
        var accepted = 0
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var bytes = text
            bytes[Int(truncatingIfNeeded: state >> 40) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
            if let value = try? JSONValue(parsing: bytes) {
                accepted += 1
                #expect(throws: Never.self) { try JSONValue(parsing: value.bytes) }
            }
        }
        #expect(accepted > 100)
    }
}
