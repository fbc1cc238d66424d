import Glibc

/// What the machine says about itself, for defaults that depend on it.
public struct HostFacts: Sendable {
    /// The host name; never empty.
    public var name: String
    /// The first IPv4 address that is not loopback, nil on a machine without a network.
    public var address: String?

    public init(name: String, address: String?) {
        self.name = name
        self.address = address
    }

    /// Asks the system.
    public static func current() -> Self { Self(name: hostName(), address: firstAddress()) }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let status = gethostname(&buffer, 255)
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self)
        return status == 0 && !name.isEmpty ? name : "localhost"
    }

    private static func firstAddress() -> String? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, address.pointee.sa_family == UInt16(AF_INET),
                entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
                entry.ifa_flags & UInt32(IFF_UP) != 0
            else { continue }
            let bits = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            return [24, 16, 8, 0].map { "\(bits >> UInt32($0) & 255)" }.joined(separator: ".")
        }
        return nil
    }
}
