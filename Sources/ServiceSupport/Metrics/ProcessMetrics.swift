import Glibc

/// What the kernel says about this process, under the names every Prometheus client uses.
public enum ProcessMetrics {
    /// A collector for ``PrometheusMetricsRegistry/addCollector(_:)``.
    ///
    /// A family that the kernel does not answer for is left out.
    @Sendable
    public static func collect() -> [MetricFamily] {
        let (cpu, start) = cpuAndStart()
        return [
            family(
                "process_cpu_seconds_total",
                .counter,
                "User and system CPU time spent, in seconds.",
                cpu.map { .double($0) }
            ),
            family(
                "process_open_fds",
                .gauge,
                "Open file descriptors.",
                openFiles()
            ),
            family(
                "process_resident_memory_bytes",
                .gauge,
                "Resident memory, in bytes.",
                residentMemory()
            ),
            family(
                "process_start_time_seconds",
                .gauge,
                "Start of the process since the Unix epoch, in seconds.",
                start.map { .double($0) }
            ),
        ].compactMap(\.self)
    }

    /// The collector of `engram_build_info`, whose value is always 1.
    public static func buildInformation(version: String) -> @Sendable () -> [MetricFamily] {
        let family = MetricFamily(
            name: "engram_build_info",
            help: "Always 1; the label is the version that runs.",
            kind: .gauge,
            series: [.init(labels: [MetricLabel("version", version)], value: .integer(1))]
        )
        return { [family] }
    }

    private static func family(
        _ name: String,
        _ kind: MetricFamily.Kind,
        _ help: String,
        _ value: MetricFamily.Value?
    ) -> MetricFamily? {
        guard let value else { return nil }
        return MetricFamily(name: name, help: help, kind: kind, series: [.init(value: value)])
    }

    /// CPU seconds, and the start in seconds since the epoch; proc(5), `/proc/[pid]/stat`.
    static func cpuAndStart() -> (cpu: Double?, start: Double?) {
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard let stat = read("/proc/self/stat"), ticksPerSecond > 0,
            // The command in parentheses may hold blanks and parentheses.
            let commandEnd = stat.lastIndex(of: ")")
        else { return (nil, nil) }
        // The first word after the command is field 3.
        let fields = stat[stat.index(after: commandEnd)...].split(separator: " ")
        guard fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]),
            let startTicks = Double(fields[19])
        else { return (nil, nil) }
        let boot = bootTime().map { $0 + startTicks / ticksPerSecond }
        return ((user + system) / ticksPerSecond, boot)
    }

    private static func bootTime() -> Double? {
        guard let stat = read("/proc/stat") else { return nil }
        let line = stat.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    private static func residentMemory() -> MetricFamily.Value? {
        guard let statm = read("/proc/self/statm") else { return nil }
        let fields = statm.split(separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return nil }
        return .integer(pages * Int64(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// Entries of `/proc/self/fd`, without the descriptor that reads it.
    private static func openFiles() -> MetricFamily.Value? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count: Int64 = -1
        while let entry = readdir(directory) {
            // "." and ".." are the only names with a dot.
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return .integer(count)
    }

    /// A small file of the proc file system as text, nil when it cannot be read.
    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}
