internal import Glibc

/// The memory that this process may use.
enum SystemMemory {
    /// Bytes: those of the machine, or of the control group where that has fewer.
    static var size: Int {
        let machine = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        return groupLimits.compactMap(limit).reduce(machine, min)
    }

    /// Versions 2 and 1 of control groups, as a container sees its own.
    private static let groupLimits = [
        "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ]

    /// The number in a file; nil where there is none, or "max".
    private static func limit(_ path: String) -> Int? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let digits = line.prefix { $0 >= 0x30 && $0 <= 0x39 }.map { UInt8(bitPattern: $0) }
        guard let size = Int(String(decoding: digits, as: UTF8.self)), size > 0 else { return nil }
        return size
    }
}
