/// An expression for a value, over operand slots.
indirect enum ValuePlan: Sendable {
    case constant(Value)
    case operand(slot: Int)
    case negate(ValuePlan)
    case arithmetic(BinaryOperator, ValuePlan, ValuePlan)
    /// The verdict of a filter, by its index.
    case condition(filter: Int)
}
