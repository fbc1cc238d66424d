import Synchronization
import TestSupport

/// Ports of 127.0.0.1 that stay free for a server also while it is down.
///
/// They lie below those that the system gives to clients, and no two calls of this process return the same.
enum ServerPort {
    private static let range = 12_000..<32_000
    private static let next = Mutex(Int.random(in: range))

    static func unused() -> Int {
        while true {
            let candidate = next.withLock { next in
                next = next + 1 < range.upperBound ? next + 1 : range.lowerBound
                return next
            }
            if (try? HTTPConnection(port: candidate, timeout: 1)) == nil { return candidate }
        }
    }
}
