/// What became of a request that was understood and whose quorum was reached.
public struct PushOutcome: Sendable, Equatable {
    /// Samples stored by a quorum, or stored there before with the same value.
    public internal(set) var samplesWritten = 0
    /// Native histograms stored by a quorum, or stored there before.
    public internal(set) var histogramsWritten = 0
    /// Exemplars stored by a quorum, or stored there before.
    public internal(set) var exemplarsWritten = 0
    /// Metadata entries stored by a quorum, or known there.
    public internal(set) var metadataWritten = 0
    /// Samples and native histograms that were refused for good, by reason.
    public internal(set) var refused: [DiscardReason: Int] = [:]
    /// Exemplars that were refused, or that are not kept, by reason; the samples beside them are stored.
    public internal(set) var exemplarsRefused: [DiscardReason: Int] = [:]
    /// Metadata entries that were refused, by reason; everything beside them is stored.
    public internal(set) var metadataRefused: [DiscardReason: Int] = [:]
    /// Nil where nothing was refused; else the first refusal with its series, and the counts; less than 1024 bytes.
    public internal(set) var message: String?
    /// The same for exemplars and metadata, nil where none was refused; less than 1024 bytes.
    public internal(set) var note: String?

    /// Exemplars that were not stored.
    public var exemplarsDiscarded: Int { exemplarsRefused.values.reduce(0, +) }

    /// Of a request without samples.
    public init() {}

    /// Whether the answer is a success: no sample was refused but what the tenant's own rules drop.
    public var isComplete: Bool { refused.keys.allSatisfy { $0 == .relabelConfiguration } }
}

/// Why nothing of a request may be taken for stored.
public enum PushError: Error, Equatable, CustomStringConvertible {
    /// Neither snappy nor a write request: trying again will not help.
    case malformed(String)
    /// Larger than any request may be: trying again will not help.
    case tooLarge(String)
    /// More than `limit` of something would be held at once; a later try succeeds.
    case overloaded(what: String, limit: Int, retryAfterSeconds: Int)
    /// The tenant has sent more than its rate allows; the same request is taken later.
    case rateLimited(RateLimited)
    /// A quorum of ingesters did not take it; a later try may succeed, and stores nothing twice.
    case unavailable(accepted: Int, required: Int, cause: String, retryAfterSeconds: Int)

    /// Less than 1024 bytes.
    public var description: String {
        let text =
            switch self {
            case .malformed(let what): "malformed write request: \(what)"
            case .tooLarge(let what): "write request is too large: \(what)"
            case .overloaded(let what, let limit, _):
                "distributor is overloaded: more than \(limit) \(what)"
            case .rateLimited(let refusal): refusal.description
            case .unavailable(let accepted, let required, let cause, _):
                "\(accepted) of \(required) needed ingesters stored the request: \(cause)"
            }
        return ShortText.prefix(of: text, bytes: 1000)
    }

    /// When to come again; nil where that will not help.
    public var retryAfterSeconds: Int? {
        switch self {
        case .malformed, .tooLarge: nil
        case .overloaded(_, _, let seconds), .unavailable(_, _, _, let seconds): seconds
        case .rateLimited(let refusal): refusal.retryAfterSeconds
        }
    }

    /// The `outcome` label of requests.
    var metricLabel: String {
        switch self {
        case .malformed: "malformed"
        case .tooLarge: "too_large"
        case .overloaded: "overloaded"
        case .rateLimited: "rate_limited"
        case .unavailable: "unavailable"
        }
    }
}
