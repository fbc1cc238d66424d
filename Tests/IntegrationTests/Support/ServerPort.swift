import Foundation
import Glibc
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

    /// Listens on a port of 127.0.0.1.
    ///
    /// - Returns: a socket that does not outlive this process in its children.
    static func listen(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError("socket: \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
                    || Glibc.listen(descriptor, 64) != 0
            }
        }
        guard !failed else { throw TestSupportError("listen on \(port): \(errno)") }
        return descriptor
    }

    /// Serves each connection on a thread of its own, until the socket is shut down.
    static func serve(_ listener: Int32, _ serve: @escaping @Sendable (Int32) -> Void) {
        let thread = Thread {
            while true {
                let accepted = accept(listener, nil, nil)
                guard accepted >= 0 else { break }
                let connection = Thread { serve(accepted) }
                connection.start()
            }
            close(listener)
        }
        thread.start()
    }
}
