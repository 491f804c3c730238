extension Operand {
    /// `resource.service.name`.
    package static let serviceName = Operand.attribute(.resource, "service.name")
}

extension Operand {
    /// Whether the engine derives the field from others: it depends on the whole trace or on ids.
    package var isComputed: Bool {
        guard case .intrinsic(let intrinsic) = self else { return false }
        switch intrinsic {
        case .traceDuration, .rootName, .rootServiceName, .traceID, .spanID, .spanParentID, .childCount, .nestedSetLeft,
            .nestedSetRight, .nestedSetParent:
            return true
        default:
            return false
        }
    }
}
