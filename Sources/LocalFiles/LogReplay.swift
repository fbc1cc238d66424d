internal import WriteAheadLog

/// Reads segment files from the oldest to the newest.
enum LogReplay {
    /// Reads one segment; needs memory for a megabyte or two and for its largest record.
    static func run(
        segment number: UInt64,
        of directory: LogDirectory,
        _ calls: LogFileCalls,
        _ visit: (LogRecord, UInt64) throws -> Void
    ) throws -> ReplayReport {
        var window = try SegmentWindow.open(directory.path(ofSegment: number), calls)
        var walk = SegmentWalk(size: window.size)
        walking: while true {
            let base = window.base
            let step = try window.withBytes { bytes in
                // As long as records are at hand, so that the window need not be lent for each.
                while true {
                    let step = walk.next(in: bytes, at: base)
                    guard case .record(let range) = step else { return step }
                    try SegmentReader.read(range, of: bytes, at: base, &walk) { (record) throws in
                        try visit(record, number)
                    }
                }
            }
            switch step {
            case .needs(let range): window.move(to: range)
            case .end, .record: break walking
            }
        }
        return ReplayReport(walk.report, segment: number, size: window.size, window.unreadable)
    }

    /// Segments in a range of numbers, ascending, and the numbers that are missing between them.
    static func segments(
        of directory: LogDirectory,
        in range: Range<UInt64>
    ) throws(FileLogError) -> (present: [UInt64], missing: [Range<UInt64>]) {
        let present = try directory.segments().filter { range.contains($0) }
        // They are deleted from the oldest on, so that no crash leaves a gap.
        let missing = zip(present, present.dropFirst()).compactMap { before, after in
            after > before + 1 ? before + 1..<after : nil
        }
        return (present, missing)
    }
}
