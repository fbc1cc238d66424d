import Glibc

/// Ports of 127.0.0.1 for servers in tests.
public enum LoopbackPort {
    /// A port that nothing listens on now; another process can still be faster.
    public static func free() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError("socket: \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failure = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) != 0
                    || getsockname(descriptor, generic, &length) != 0
            }
        }
        guard !failure else { throw TestSupportError("bind: \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
