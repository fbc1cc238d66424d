internal import MetricsModel
internal import Synchronization

/// Says that an answer may be given although ingesters are missing that it needs, and keeps what is missing.
public final class PartialAnswer: Sendable {
    private let notes = Mutex<[String]>([])

    public init() {}

    /// What is missing, for people; each once, in the order it was met.
    public var warnings: [String] { notes.withLock { $0 } }

    /// - Parameter missing: Instances, with why they are missing.
    func note(_ missing: [String], within range: TimeRange?) {
        let times = range.map { " from \(Self.text($0.start)) to \(Self.text($0.end))" } ?? ""
        let text =
            "partial response: samples\(times) that are not in blocks yet may be missing, because "
            + "\(missing.count) ingesters did not answer: "
            + missing.sorted().joined(separator: "; ")
        notes.withLock { notes in
            if !notes.contains(text) { notes.append(text) }
        }
    }

    /// Seconds since the Unix epoch, as the API has them.
    static func text(_ time: Int64) -> String {
        switch time {
        case .min: "the beginning"
        case .max: "the end"
        default: String(Double(time) / 1000)
        }
    }
}
