/// What happened in a run, in words, and a number that stands for all of it.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class Trace: @unchecked Sendable {
    private let keepsAll: Bool
    private(set) var lines: [String] = []
    /// FNV-1a of all lines, those that are not kept included.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Lines that are kept of a long run; the last ones.
    private static let keptLines = 80

    init(keepsAll: Bool) { self.keepsAll = keepsAll }

    func note(_ text: String, at microseconds: Int64) {
        let milliseconds = microseconds / 1000
        let fraction = String(milliseconds % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.count)
        let line = "\(milliseconds / 1000).\(zeros)\(fraction)  \(text)"
        for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        lines.append(line)
        if !keepsAll, lines.count >= 2 * Self.keptLines { lines.removeFirst(Self.keptLines) }
    }

    /// The last lines, as many as are read with profit.
    var tail: [String] { keepsAll ? lines : Array(lines.suffix(Self.keptLines)) }
}
