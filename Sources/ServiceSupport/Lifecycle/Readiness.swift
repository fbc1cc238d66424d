import Synchronization

/// Whether the process can do its job: named conditions that all have to hold.
public final class Readiness: Sendable {
    /// What is known about one condition.
    public enum Condition: Sendable, Equatable {
        case ready
        /// The reason is one line for people.
        case notReady(reason: String)
    }

    private let conditions: Mutex<[String: Condition]>

    /// - Parameter names: Conditions that are not ready until somebody sets them.
    public init(waitingFor names: [String] = []) {
        let waiting = names.map { ($0, Condition.notReady(reason: "starting")) }
        conditions = Mutex(Dictionary(waiting) { first, _ in first })
    }

    /// Sets a condition, which need not be known before.
    public func set(_ name: String, _ condition: Condition) {
        conditions.withLock { $0[name] = condition }
    }

    /// True when every condition is ready.
    public var isReady: Bool {
        conditions.withLock { $0.values.allSatisfy { $0 == .ready } }
    }

    /// The answer of `/ready`: whether it is 200, else 503, and the body.
    ///
    /// The body is `ready`, or one line for each condition that is not, by name.
    public func report() -> (isReady: Bool, body: String) {
        let failing = conditions.withLock { $0 }.sorted { $0.key < $1.key }
            .compactMap { name, condition -> String? in
                guard case .notReady(let reason) = condition else { return nil }
                return "\(name): \(reason)\n"
            }
        return failing.isEmpty ? (true, "ready\n") : (false, failing.joined())
    }

    /// The body of `/live`, which answers 200 as long as the process answers at all.
    public static let liveBody = "live\n"
}
