/// Bounds and times of both ends of the calls between Engram's processes.
public struct TransportSettings: Sendable, Equatable {
    /// How long a write may take, from the call to its answer.
    public var writeTimeout: Duration = .seconds(10)
    /// How long a read may take, from the call to the last piece of its answer.
    public var readTimeout: Duration = .seconds(120)
    /// How long the oldest write may be without an answer before others are refused at once.
    ///
    /// Longer than a full disk queue takes, and short enough that the writes which wait meanwhile do not add up.
    public var slowAfter: Duration = .seconds(2)
    /// Writes of one client without an answer; one more is refused at once.
    ///
    /// Fewer than the writes that a distributor leaves to the background: one ingester does not use them up.
    public var maximumPendingWrites = 512
    /// Bytes of all writes of one client without an answer; more are refused at once.
    public var maximumPendingBytes = 64 << 20
    /// Bytes of one message, on both ends.
    public var maximumMessageSize = 16 << 20
    /// Bytes of all pieces of one answer to a read.
    public var maximumAnswerSize = 512 << 20
    /// Bytes at which a piece of an answer is sent.
    public var pieceSize = 512 << 10
    /// Writes of one stream that a server works on at the same time.
    public var maximumConcurrentWrites = 64
    /// Calls of one connection at the same time.
    public var maximumConcurrentCalls = 256
    /// The first wait before a broken connection is tried again; it doubles up to the longest.
    public var shortestReconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before a broken connection is tried again.
    public var longestReconnectDelay: Duration = .milliseconds(500)
    /// Silence after which either end asks whether the other is alive.
    ///
    /// A client waits at least 10 s. Half of it later the connection counts as broken.
    public var keepaliveTime: Duration = .seconds(10)
    /// How long calls that run may go on after a server has been told to stop.
    public var drainTimeout: Duration = .seconds(30)
    /// What protects the calls.
    public var security = TransportSecurity.plaintextOnLoopback

    public init() {}

    /// Larger frames and windows than usual: with 16 KiB frames TLS is 10 to 20 times slower, and a window of
    /// 64 KiB makes every larger message wait for the peer.
    static let frameSize = 1 << 20
    static let windowSize = 8 << 20
}
