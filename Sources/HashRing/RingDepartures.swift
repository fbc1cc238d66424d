/// Who has left the ring since it was first read: whoever leaves has everything in blocks, and answers no more.
public struct RingDepartures: Sendable {
    /// A member under another zone is another one: it is lost together with others.
    private struct Name: Hashable {
        let instance: String
        let zone: String
    }

    private var present: Set<Name> = []
    /// When those were missed first that have not come back, in milliseconds.
    private var departed: [Name: Int64] = [:]
    /// The latest time of a departure that is not remembered by name, those before the first look included.
    private var unnamed = Int64.max
    private var isFirst = true

    /// Departures that are remembered by name.
    static let maximumRemembered = 1024

    public init() {}

    /// Takes the members of a ring that was read before a time, in milliseconds.
    public mutating func update(_ members: [RingMember], at now: Int64) {
        // One that only announces itself is not asked yet.
        let names = members.lazy.filter { $0.state != .pending }
            .map { Name(instance: $0.instance, zone: $0.zone) }
        let next = Set(names)
        if isFirst {
            unnamed = now
            isFirst = false
        }
        for name in present.subtracting(next) { departed[name] = now }
        // Who is back is asked, and says what it has no more.
        for name in next { departed[name] = nil }
        present = next
        while departed.count > Self.maximumRemembered,
            let oldest = departed.min(by: { $0.value < $1.value })
        {
            unnamed = max(unnamed, oldest.value)
            departed[oldest.key] = nil
        }
    }

    /// Since when, in milliseconds, nobody has left who is not on the ring now.
    public var knownSince: Int64 { max(unnamed, departed.values.max() ?? .min) }
}
