/// What an ingester may be asked to do.
public enum MemberState: String, Sendable, CaseIterable, Codable {
    /// Known, but holds no tokens yet.
    case pending = "PENDING"
    /// Has tokens and replays its log; takes writes only.
    case joining = "JOINING"
    /// Takes writes and reads.
    case active = "ACTIVE"
    /// Flushes everything before it goes; takes reads only.
    case leaving = "LEAVING"
    /// Takes reads only and stays.
    case readOnly = "READONLY"

    public var takesWrites: Bool { self == .active || self == .joining }

    public var takesReads: Bool { self == .active || self == .leaving || self == .readOnly }
}

/// One ingester on the ring, as its row in the store says.
public struct RingMember: Sendable, Equatable {
    /// Stable over restarts; a replaced instance with the same name takes its tokens back.
    public var instance: String
    /// `host:port` of the RPC server, as peers reach it.
    public var address: String
    /// `http://host:port`, for operators' links.
    public var httpAddress: String
    /// Failure domain; empty where there are none.
    public var zone: String
    public var state: MemberState
    /// Ascending; each marks the end of the arc that the member owns.
    public var tokens: [UInt32]
    /// Grows by one with each process that takes the identity; an older process must stop.
    public var epoch: Int64
    /// Since the last heartbeat by the store's clock, in milliseconds, when the row was read.
    public var heartbeatAge: Int64
    /// Since when something that the member took may be in no block, in milliseconds before the row was read; nil
    /// where it is not known.
    public var unstoredAge: Int64?
    /// The newest deletion up to which all were carried out with the member, where there are later ones; nil where not.
    ///
    /// Told to the member itself, and told by it until it has stored what it came with.
    public var deletionsSeen: Int64?

    /// Whether a complete answer needs it.
    ///
    /// One that only announced itself holds nothing yet. But one that starts again is pending too, until it has told what it is; it
    /// has tokens by then, and in its log what it took before.
    public var mayHoldSamples: Bool { state != .pending || !tokens.isEmpty }

    public init(
        instance: String,
        address: String,
        httpAddress: String = "",
        zone: String = "",
        state: MemberState,
        tokens: [UInt32],
        epoch: Int64 = 0,
        heartbeatAge: Int64 = 0,
        unstoredAge: Int64? = nil,
        deletionsSeen: Int64? = nil
    ) {
        self.instance = instance
        self.address = address
        self.httpAddress = httpAddress
        self.zone = zone
        self.state = state
        self.tokens = tokens
        self.epoch = epoch
        self.heartbeatAge = heartbeatAge
        self.unstoredAge = unstoredAge
        self.deletionsSeen = deletionsSeen
    }

    /// Whether a ring with the one is a ring with the other: all but ages and deletions are the same.
    public func isPlaced(as other: RingMember) -> Bool {
        var other = other
        other.heartbeatAge = heartbeatAge
        other.unstoredAge = unstoredAge
        other.deletionsSeen = deletionsSeen
        return self == other
    }
}
