/// A set of literals that is searched with bytes in place: by length, then by halves.
struct LiteralSet: BitwiseCopyable {
    /// The literals, shorter ones first, those of a length sorted.
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Where in ``bytes`` the literals of each length start; one more entry than there are lengths.
    private let starts: UnsafeBufferPointer<Int>
    private let hasEmpty: Bool
    private let foldsCase: Bool

    /// - Parameter literals: All in lower case if `foldsCase`.
    init(_ literals: [[UInt8]], foldsCase: Bool, in memory: PatternMemory) {
        let sorted = Set(literals).sorted {
            $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1)
        }
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for literal in sorted {
            while starts.count <= literal.count { starts.append(bytes.count) }
            bytes += literal
        }
        starts.append(bytes.count)
        self.bytes = memory.copy(bytes)
        self.starts = memory.copy(starts)
        self.foldsCase = foldsCase
        hasEmpty = sorted.first?.isEmpty ?? false
    }

    @inline(__always)
    func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let length = text.count
        guard let wanted = text.baseAddress, length > 0 else { return hasEmpty }
        guard length + 1 < starts.count, starts[length] < starts[length + 1] else { return false }
        return search(wanted, length)
    }

    private func search(_ wanted: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let start = starts[length]
        guard let base = bytes.baseAddress else { return false }
        var low = 0
        var high = (starts[length + 1] - start) / length
        while low < high {
            let middle = (low + high) / 2
            let literal = base + start + middle * length
            let order = LiteralBytes.compare(literal, wanted, length, foldsCase: foldsCase)
            if order == 0 { return true }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return false
    }
}
