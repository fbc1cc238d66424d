internal import CHashing
internal import MetricsModel

/// The labels of a head's series and, for each label pair, which series have it.
///
/// Series have serials here, which only grow, so that postings are ascending by appending; a removed
/// series leaves a dead serial behind until a ``LabelIndexRebuild`` replaces the index. A series' labels are its shape
/// (a set of names) and, for each name, the place of its value among those of the name: about a byte a label.
struct LabelIndex: ~Copyable {
    private(set) var symbols = SymbolTable()
    private(set) var pairs = LabelPairs()
    private(set) var shapes = LabelShapes()
    /// For each series its shape and places, as varints.
    private var series = PagedTable<UInt8>(pageShift: 16)
    /// Where in `series` each serial's bytes begin.
    private var offsets = PagedTable<UInt32>(pageShift: 13)
    /// The series number behind each serial, `dead` where there is none any more.
    private var numbers = PagedTable<UInt32>(pageShift: 13)
    private(set) var deadCount = 0
    /// The pairs of the series that was added last: the next one shares most of them.
    private var latest: [UInt32] = []
    /// Pairs and names of the series that is being added.
    private var newPairs: [UInt32] = []
    private var newNames: [UInt32] = []

    /// Most labels of a series: all of its bytes fit a page.
    static let maximumLabelCount = 10_000

    private static let dead = UInt32.max

    init() {}

    var serialCount: Int { numbers.count }

    /// Bytes allocated, about.
    var size: Int {
        symbols.size + pairs.size + shapes.size + series.size + offsets.size + numbers.size
            + (latest.capacity + newPairs.capacity + newNames.capacity) * 4
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
        guard key.count <= symbols.room, serialCount < Int(Self.dead),
            series.count < Int(UInt32.max) - 2 * series.pageCapacity
        else { throw .full }
        intern(key)
        guard newPairs.count <= Self.maximumLabelCount else {
            throw .tooManyLabels(count: newPairs.count, limit: Self.maximumLabelCount)
        }
        let serial = UInt32(serialCount)
        for pair in newPairs { pairs.post(serial, to: pair) }
        offsets.append(appendSeries(shape: shapes.number(of: newNames)))
        numbers.append(number)
        swap(&latest, &newPairs)
        return serial
    }

    /// Numbers the labels of a key.
    private mutating func intern(_ key: UnsafeBufferPointer<UInt8>) {
        newPairs.removeAll(keepingCapacity: true)
        newNames.removeAll(keepingCapacity: true)
        var cursor = LabelCursor(key)
        var before = 0
        while let (name, value) = cursor.next() {
            var knownName: UInt32?
            // Both are in order of names, so that the one before is walked along.
            while before < latest.count {
                let pair = pairs.pairs[Int(latest[before])]
                let symbol = pairs.names[Int(pair.name)].symbol
                let order = symbols.withBytes(of: symbol) { compareBytes($0, name) }
                if order > 0 { break }
                before += 1
                guard order == 0 else { continue }
                knownName = pair.name
                if symbols.withBytes(of: pair.value, { compareBytes($0, value) == 0 }) {
                    newPairs.append(latest[before - 1])
                }
                break
            }
            let number = knownName ?? pairs.internName(symbol: symbols.intern(name))
            newNames.append(number)
            guard newPairs.count < newNames.count else { continue }
            newPairs.append(pairs.internPair(name: number, value: symbols.intern(value)))
        }
    }

    /// Writes the labels of the series that is being added, and returns where.
    private mutating func appendSeries(shape: UInt32) -> UInt32 {
        var size = Varint.size(shape)
        for pair in newPairs { size += Varint.size(pairs.pairs[Int(pair)].place) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size + 8) { scratch in
            guard let base = scratch.baseAddress else { preconditionFailure("\(size) bytes") }
            var position = Varint.write(shape, to: base)
            for pair in newPairs {
                position += Varint.write(pairs.pairs[Int(pair)].place, to: base + position)
            }
            return series.append(run: size) { $0.initialize(from: base, count: size) }
        }
    }

    mutating func remove(_ serial: UInt32) {
        numbers[serial].pointee = Self.dead
        deadCount += 1
    }

    /// The series number behind a serial, or nil for a dead one.
    func number(of serial: UInt32) -> UInt32? {
        let number = numbers[serial].pointee
        return number == Self.dead ? nil : number
    }

    /// Calls the body with each pair of a series, in order of names.
    @inline(__always)
    func visitPairs(of serial: UInt32, _ body: (UInt32) -> Void) {
        var position = UnsafePointer(series[offsets[serial].pointee])
        for name in shapes[Varint.read(&position)] {
            body(pairs.names[Int(name)].pairs[Int(Varint.read(&position))])
        }
    }

    /// Numbers of the names of a series' labels.
    func names(of serial: UInt32) -> [UInt32] {
        var position = UnsafePointer(series[offsets[serial].pointee])
        return shapes[Varint.read(&position)]
    }

    /// The pair of a series with a name, as its place among those of the name.
    @inline(__always)
    func place(of serial: UInt32, name: UInt32) -> UInt32? {
        var position = UnsafePointer(series[offsets[serial].pointee])
        for candidate in shapes[Varint.read(&position)] {
            let place = Varint.read(&position)
            if candidate == name { return place }
        }
        return nil
    }

    /// The pair of a series, as its place among those of a name.
    ///
    /// - Parameter positions: Where the name is, complete; see ``LabelShapes/findPositions(of:into:)``.
    @inline(__always)
    func place(of serial: UInt32, at positions: [Int32]) -> UInt32? {
        var position = UnsafePointer(series[offsets[serial].pointee])
        let place = positions[Int(Varint.read(&position))]
        guard place >= 0 else { return nil }
        for _ in 0..<place { _ = Varint.read(&position) }
        return Varint.read(&position)
    }

    func labels(of serial: UInt32) -> Labels {
        var size = 0
        visitPairs(of: serial) { pair in
            let pair = pairs.pairs[Int(pair)]
            size += SeriesKey.size(
                nameCount: symbols.length(of: pairs.names[Int(pair.name)].symbol),
                valueCount: symbols.length(of: pair.value)
            )
        }
        let key = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            visitPairs(of: serial) { pair in
                let pair = pairs.pairs[Int(pair)]
                let rest = UnsafeMutableBufferPointer(rebasing: target[count...])
                count += symbols.withBytes(of: pairs.names[Int(pair.name)].symbol) { name in
                    symbols.withBytes(of: pair.value) { value in
                        SeriesKey.write(name: name, value: value, to: rest)
                    }
                }
            }
        }
        return Labels(unchecked: key)
    }

    /// Has fetched where the labels of a series are, which ``prefetchLabels(of:)`` wants to know soon, and its number.
    func prefetchPlace(of serial: UInt32) {
        engram_prefetch(offsets[serial])
        engram_prefetch(numbers[serial])
    }

    /// Has the labels of a series fetched.
    func prefetchLabels(of serial: UInt32) { engram_prefetch(series[offsets[serial].pointee]) }

    /// The number of a name, if a series has or had it.
    func name(_ name: String) -> UInt32? {
        symbols.find(name).flatMap { pairs.name(symbol: $0) }
    }

    /// The pair of a name and a value, if a series has or had it.
    func pair(name: UInt32, value: String) -> UInt32? {
        symbols.find(value).flatMap { pairs.pair(name: name, value: $0) }
    }

    /// Whether a rebuild would give back most of the index.
    var isMostlyDead: Bool { deadCount > 1024 && deadCount > serialCount - deadCount }
}
