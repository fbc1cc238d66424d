/// Why a peer did not answer.
public enum TransportError: Error, Equatable, CustomStringConvertible {
    /// The text is not `host:port`.
    case invalidAddress(String)
    /// There is no connection; nothing was sent.
    case unavailable(peer: String, cause: String)
    /// The connection broke before the answer came; whether the call was carried out is not known.
    case disconnected(peer: String, cause: String)
    /// The answer did not come in time; whether the call was carried out is not known.
    case timedOut(peer: String, after: Duration)
    /// The peer has not answered older writes yet; nothing was sent.
    case slow(peer: String, after: Duration)
    /// The peer answered with an error that is not an ingester's.
    case peerFailed(peer: String, cause: String)
    /// The peer's answer is none.
    case invalidAnswer(peer: String, cause: String)
    /// The message or the answer would be larger than the limit, in bytes.
    case tooLarge(peer: String, limit: Int)
    /// The address is one of another machine, and calls without TLS were not allowed to leave this one.
    case unprotected(peer: String)
    /// The peer does not know the call, or not this form of it: it is of another version.
    case notSupported(peer: String, cause: String)
    /// This end has been told to stop.
    case stopped(peer: String)

    public var description: String {
        switch self {
        case .invalidAddress(let text): "\"\(text)\" is not host:port"
        case .unavailable(let peer, let cause): "no connection to \(peer): \(cause)"
        case .disconnected(let peer, let cause): "connection to \(peer) broke: \(cause)"
        case .timedOut(let peer, let time): "\(peer) did not answer within \(time)"
        case .slow(let peer, let time):
            "\(peer) has not answered writes for more than \(time); none are sent until it does"
        case .peerFailed(let peer, let cause): "\(peer) failed: \(cause)"
        case .invalidAnswer(let peer, let cause): "\(peer) sent no valid answer: \(cause)"
        case .tooLarge(let peer, let limit):
            "message from or to \(peer) is larger than \(limit) bytes"
        case .unprotected(let peer):
            "\(peer) is not on this machine, and calls without TLS were not allowed to leave it"
        case .notSupported(let peer, let cause): "\(peer) is of another version: \(cause)"
        case .stopped(let peer): "the client of \(peer) has been stopped"
        }
    }
}
