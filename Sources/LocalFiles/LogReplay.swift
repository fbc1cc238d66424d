internal import Glibc
internal import WriteAheadLog

/// Reads segment files from the oldest to the newest.
enum LogReplay {
    static func run(
        _ directory: LogDirectory,
        below end: UInt64,
        _ visit: (LogRecord, UInt64) throws -> Void
    ) throws -> ReplayReport {
        var report = ReplayReport()
        for number in try directory.segments() where number < end {
            let bytes = try read(directory.path(ofSegment: number))
            let found = try bytes.withUnsafeBytes { bytes in
                try SegmentReader.read(bytes) { (record) throws in try visit(record, number) }
            }
            report.segmentCount += 1
            report.recordCount += found.recordCount
            report.byteCount += bytes.count
            report.damaged += found.damaged.map { LogDamage(segment: number, damage: $0) }
            if let offset = found.tornTail {
                report.tornTails.append(LogPosition(segment: number, offset: offset))
            }
        }
        return report
    }

    /// Reads a whole file; mapping it would turn a bad sector into a signal.
    private static func read(_ path: String) throws(FileLogError) -> [UInt8] {
        let handle = open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        defer { close(handle) }
        var status = stat()
        guard fstat(handle, &status) == 0 else {
            throw .system(operation: "stat", path: path, code: errno)
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { target, count in
            while count < target.count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(target)[count...]
                )
                let size = Glibc.read(handle, rest.baseAddress, rest.count)
                if size < 0, errno == EINTR { continue }
                if size < 0 { failure = errno }
                guard size > 0 else { return }
                count += size
            }
        }
        guard failure == 0 else { throw .system(operation: "read", path: path, code: failure) }
        return bytes
    }
}
