internal import MetricsModel

/// The labels of a head's series and, for each label pair, which series have it.
///
/// Series have serials here, which only grow, so that postings are ascending by appending; a removed
/// series leaves a dead serial behind until ``compacted()`` rebuilds the index.
struct LabelIndex {
    private(set) var symbols = SymbolTable()
    /// Symbols of the label pairs, by number of the pair.
    private(set) var pairNames: [UInt32] = []
    private(set) var pairValues: [UInt32] = []
    private var postings: [Postings] = []
    /// Pairs by name symbol (upper half) and value symbol.
    private var pairNumbers: [UInt64: UInt32] = [:]
    /// The pairs of one name, in order of appearance.
    private(set) var pairsOfName: [UInt32: [UInt32]] = [:]
    /// The pairs of all series, in order of serials and label names.
    private var seriesPairs: [UInt32] = []
    /// Where in `seriesPairs` each serial's pairs end.
    private var seriesEnds: [UInt32] = []
    /// The series number behind each serial, `dead` where there is none any more.
    private var seriesNumbers: [UInt32] = []
    private(set) var deadCount = 0

    private static let dead = UInt32.max

    var serialCount: Int { seriesNumbers.count }

    /// Bytes allocated, about; arrays of postings are counted as three quarters full.
    var size: Int {
        let postingsSize =
            postings.capacity * MemoryLayout<Postings>.stride + seriesPairs.count * 16 / 3
        let tables = pairNames.capacity + pairValues.capacity + pairNames.count
        let series = seriesPairs.capacity + seriesEnds.capacity + seriesNumbers.capacity
        return symbols.size + postingsSize + (tables + series) * 4 + pairNumbers.capacity * 16
            + pairsOfName.count * 48
    }

    /// Adds a series and returns its serial.
    ///
    /// - Parameters:
    ///   - key: A canonical series key.
    ///   - number: What ``number(of:)`` shall give.
    mutating func add(
        key: UnsafeBufferPointer<UInt8>,
        number: UInt32
    ) throws(HeadError) -> UInt32 {
        guard key.count <= symbols.room, seriesPairs.count <= Int(UInt32.max) - key.count,
            serialCount < Int(Self.dead)
        else { throw .full }
        let serial = UInt32(serialCount)
        var cursor = LabelCursor(key)
        while let (name, value) = cursor.next() {
            let pair = internPair(name: symbols.intern(name), value: symbols.intern(value))
            postings[Int(pair)].append(serial)
            seriesPairs.append(pair)
        }
        seriesEnds.append(UInt32(seriesPairs.count))
        seriesNumbers.append(number)
        return serial
    }

    mutating func remove(_ serial: UInt32) {
        seriesNumbers[Int(serial)] = Self.dead
        deadCount += 1
    }

    /// The series number behind a serial, or nil for a dead one.
    func number(of serial: UInt32) -> UInt32? {
        let number = seriesNumbers[Int(serial)]
        return number == Self.dead ? nil : number
    }

    func pairs(of serial: UInt32) -> ArraySlice<UInt32> {
        let index = Int(serial)
        return seriesPairs[(index == 0 ? 0 : Int(seriesEnds[index - 1]))..<Int(seriesEnds[index])]
    }

    func labels(of serial: UInt32) -> Labels {
        let pairs = pairs(of: serial)
        var size = 0
        for pair in pairs {
            size += SeriesKey.size(
                nameCount: symbols.length(of: pairNames[Int(pair)]),
                valueCount: symbols.length(of: pairValues[Int(pair)])
            )
        }
        let key = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            for pair in pairs {
                let rest = UnsafeMutableBufferPointer(rebasing: target[count...])
                count += symbols.withBytes(of: pairNames[Int(pair)]) { name in
                    symbols.withBytes(of: pairValues[Int(pair)]) { value in
                        SeriesKey.write(name: name, value: value, to: rest)
                    }
                }
            }
        }
        return Labels(unchecked: key)
    }

    /// The pair of a name and a value, if a series has or had it.
    func pair(name: UInt32, value: UInt32) -> UInt32? {
        pairNumbers[UInt64(name) << 32 | UInt64(value)]
    }

    /// Serials of the series with a pair, ascending; dead ones may be among them.
    func serials(with pair: UInt32) -> [UInt32] { postings[Int(pair)].serials }

    /// Whether a series with a pair, dead ones among them, passes a test; the first that does ends the walk.
    func hasSeries(with pair: UInt32, where passes: (UInt32) -> Bool) -> Bool {
        postings[Int(pair)].contains(where: passes)
    }

    /// Serials of all living series, ascending.
    var livingSerials: [UInt32] {
        let all = 0..<UInt32(serialCount)
        return deadCount == 0 ? Array(all) : all.filter { number(of: $0) != nil }
    }

    /// How long ``serials(with:)`` is.
    func serialCount(with pair: UInt32) -> Int { postings[Int(pair)].count }

    /// Whether a rebuild would give back most of the index.
    var isMostlyDead: Bool { deadCount > 1024 && deadCount > serialCount - deadCount }

    /// The same index without dead series and what only they used.
    ///
    /// - Parameter moved: Called with number and new serial of each series.
    func compacted(
        moved: (_ number: UInt32, _ serial: UInt32) -> Void
    ) -> LabelIndex {
        var fresh = LabelIndex()
        for serial in 0..<UInt32(serialCount) {
            guard let number = number(of: serial) else { continue }
            let key = labels(of: serial).key
            let added = key.withUnsafeBufferPointer { try? fresh.add(key: $0, number: number) }
            guard let added else { preconditionFailure("a smaller index has less room") }
            moved(number, added)
        }
        return fresh
    }

    /// The number of a pair, which it gets now if it has none.
    private mutating func internPair(name: UInt32, value: UInt32) -> UInt32 {
        let key = UInt64(name) << 32 | UInt64(value)
        if let pair = pairNumbers[key] { return pair }
        let pair = UInt32(pairNames.count)
        pairNumbers[key] = pair
        pairNames.append(name)
        pairValues.append(value)
        postings.append(Postings())
        pairsOfName[name, default: []].append(pair)
        return pair
    }
}

/// The serials of one label pair, ascending; the only one of a rare pair takes no allocation.
struct Postings {
    private var only: UInt32 = 0
    /// All of them, if they are at least two.
    private var several: [UInt32] = []
    private var isEmpty = true

    var count: Int { isEmpty ? 0 : max(several.count, 1) }

    /// Copies nothing where they are several.
    var serials: [UInt32] { several.isEmpty && !isEmpty ? [only] : several }

    func contains(where passes: (UInt32) -> Bool) -> Bool {
        guard several.isEmpty else { return several.contains(where: passes) }
        return !isEmpty && passes(only)
    }

    mutating func append(_ serial: UInt32) {
        if isEmpty {
            only = serial
            isEmpty = false
        } else if several.isEmpty {
            several = [only, serial]
        } else {
            several.append(serial)
        }
    }
}
