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

    /// Whether the request is of a replica that is not elected, so that nothing of it was to be stored.
    public internal(set) var isDeduplicated = false

    /// Exemplars that were not stored.
    public var exemplarsDiscarded: Int { exemplarsRefused.values.reduce(0, +) }

    /// Of a request without samples.
    public init() {}

    /// Of a request of a replica that is not elected.
    static let deduplicated = {
        var outcome = PushOutcome()
        outcome.isDeduplicated = true
        return outcome
    }()

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
    /// There are as many clusters of senders as the tenant may have, or a distributor knows, and this is another one.
    case tooManyHAClusters(cluster: String, limit: Int)
    /// The value of the cluster or replica label can name none.
    case invalidHALabel(name: String, problem: String)
    /// Nobody knows whose samples are to be taken, because the store does not answer; a later try may succeed.
    case electionFailed(cause: String, retryAfterSeconds: Int)

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
            case .tooManyHAClusters(let cluster, let limit):
                "no more than \(limit) clusters of senders are taken, and \"\(cluster)\" is "
                    + "another one (limits.haMaxClusters; too_many_ha_clusters)"
            case .invalidHALabel(let name, let problem):
                "value of the label \"\(name)\" \(problem), so that it can name no cluster or "
                    + "replica of senders"
            case .electionFailed(let cause, _):
                "no replica of the senders' cluster can be elected now: \(cause)"
            }
        return ShortText.prefix(of: text, bytes: 1000)
    }

    /// When to come again; nil where that will not help.
    public var retryAfterSeconds: Int? {
        switch self {
        case .malformed, .tooLarge, .tooManyHAClusters, .invalidHALabel: nil
        case .overloaded(_, _, let seconds), .unavailable(_, _, _, let seconds),
            .electionFailed(_, let seconds):
            seconds
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
        case .tooManyHAClusters: "too_many_ha_clusters"
        case .invalidHALabel: "invalid_ha_label"
        case .electionFailed: "election_failed"
        }
    }
}
