import MartletCore
import TraceQL

/// The contexts of a row group, taken apart: resources and scopes with their attributes.
struct GroupContexts: Sendable {
    private let box: PartBox
    /// For each context of the group the place in the box.
    private let numbers: [UInt32]

    var count: Int { numbers.count }
    var memory: Int { 256 + box.part.memory }

    init(decoding table: UnsafeRawBufferPointer, limits: AttributeLimits) throws(PartFormatError) {
        var part = MemoryPart(serial: 0)
        var numbers: [UInt32] = []
        var cursor = ByteCursor(table)
        while !cursor.isAtEnd {
            let (resource, resourceSchema, scope, scopeSchema) = try PartFormatError.reading {
                () throws(ByteCursorError) in
                (
                    try cursor.uvarintBytes(), try cursor.uvarintBytes(), try cursor.uvarintBytes(),
                    try cursor.uvarintBytes()
                )
            }
            numbers.append(
                part.context(
                    resource: resource, resourceSchema: resourceSchema, scope: scope, scopeSchema: scopeSchema,
                    limits: limits))
        }
        box = PartBox(part)
        self.numbers = numbers
    }

    /// The values of a key, one for each context.
    func attribute(_ scope: AttributeScope, _ key: String) -> ValueColumn {
        PartColumns(box).contextColumn(scope, key, numbers)
    }

    /// Name or version of the scopes.
    func text(_ intrinsic: Intrinsic) -> ValueColumn {
        var column = ValueColumn(count: numbers.count)
        for (row, number) in numbers.enumerated() {
            let context = box.part.contexts[Int(number)]
            column.set(
                row, .string, UInt64(intrinsic == .instrumentationName ? context.scopeName : context.scopeVersion))
        }
        column.dictionary = box
        return column
    }

    /// Adds all attributes to the values of the group.
    func add(to values: inout GroupValues) {
        for number in numbers {
            let context = box.part.contexts[Int(number)]
            values.add(context.resourceAttributes, of: box.part)
            values.add(context.scopeAttributes, of: box.part)
        }
    }

    func has(_ scope: AttributeScope, _ key: String) -> Bool {
        let use = scope == .resource ? MemoryPart.KeyUse.resource : MemoryPart.KeyUse.scope
        guard let symbol = box.part.symbols.lookup(key), Int(symbol) < box.part.keyUses.count else { return false }
        return box.part.keyUses[Int(symbol)] & use != 0
    }

    /// The keys that some of the contexts have in a scope.
    func forEachKey(_ scope: AttributeScope, of contexts: Bitmap, _ body: (UnsafeRawBufferPointer) -> Void) {
        var keys = Bitmap(count: box.part.keyUses.count)
        contexts.forEach { box.part.contexts[Int(numbers[$0])].markKeys(scope, of: box.part, &keys) }
        keys.forEach { box.part.symbols.withBytes(of: UInt32($0), body) }
    }

    func forEachKey(_ scope: AttributeScope, _ body: (UnsafeRawBufferPointer) -> Void) {
        let use = scope == .resource ? MemoryPart.KeyUse.resource : MemoryPart.KeyUse.scope
        for symbol in box.part.keyUses.indices where box.part.keyUses[symbol] & use != 0 {
            box.part.symbols.withBytes(of: UInt32(symbol), body)
        }
    }
}
