import CoreMetrics
import Synchronization

/// Keeps counters by name and labels.
final class CountingFactory: MetricsFactory {
    private let counters = Mutex<[String: CountingHandler]>([:])

    func count(_ label: String, _ dimensions: String...) -> Int64? {
        let key = ([label] + dimensions).joined(separator: " ")
        return counters.withLock { $0[key] }?.value
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let key = ([label] + dimensions.map { "\($0.0)=\($0.1)" }).joined(separator: " ")
        return counters.withLock { counters in
            let counter = counters[key] ?? CountingHandler()
            counters[key] = counter
            return counter
        }
    }

    func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler { NOOPMetricsHandler.instance }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        NOOPMetricsHandler.instance
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

private final class CountingHandler: CounterHandler {
    private let count = Mutex<Int64>(0)

    var value: Int64 { count.withLock { $0 } }

    func increment(by amount: Int64) { count.withLock { $0 += amount } }

    func reset() { count.withLock { $0 = 0 } }
}
