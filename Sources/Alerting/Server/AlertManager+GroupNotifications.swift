package import MartletCore

extension AlertManager {
    /// What the receiver of one group was told last.
    package struct GroupNotifications: Sendable {
        /// One of the receiver's integrations.
        package struct Integration: Sendable {
            /// Identifies it in the log.
            package let key: String
            /// Whether the end of alerts is told too.
            package let sendsResolved: Bool
            /// What it was told last, nil when nothing.
            package let record: NotificationRecord?
        }

        /// The group's identity.
        package let key: String
        /// The labels its alerts share.
        package let labels: Labels
        /// The receiver's name.
        package let receiver: String
        /// When the group is due next, Unix nanoseconds.
        package let nextAt: Int64
        /// In the order of the configuration.
        package let integrations: [Integration]
    }
}
