/// A moment and the zone it is shown in.
package struct ZonedTime: Sendable, Hashable {
    /// Since 1970.
    package let seconds: Int64
    /// 0 to 999,999,999.
    package let nanosecond: Int
    /// What holds in the zone at that moment.
    package let zone: TimeZoneFile.Period

    /// A moment, shown in a zone.
    package init(seconds: Int64, nanosecond: Int, zone: TimeZoneFile.Period) {
        self.seconds = seconds
        self.nanosecond = nanosecond
        self.zone = zone
    }

    /// The calendar's fields in its zone.
    package var civil: CivilTime {
        CivilTime(unixSeconds: seconds + Int64(zone.offset), nanosecond: nanosecond)
    }
}
