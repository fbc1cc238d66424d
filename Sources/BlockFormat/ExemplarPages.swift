internal import MetricsModel

/// Lays the exemplars of rows into pages, and what is where into the last page of the section.
///
/// Pages: exemplars varint · rows varint · for each row: number less that of the row before (0 before the first)
/// varint, exemplars varint · the exemplars, each as in ``ExemplarBytes`` after the one before (0 before the first). A
/// row with many goes on in the next page.
///
/// Index: pages varint · for each: first row less the first row of the page before (0 before the first) varint · last
/// row less first row varint · earliest time signed varint · latest time less it varint.
struct ExemplarPageWriter {
    private(set) var pages = PageWriter()
    private var rows: [UInt8] = []
    private var rowCount = 0
    private var exemplars: [UInt8] = []
    private var count = 0
    private var previousRow = 0
    private var previousTimestamp: Int64 = 0
    private var place = ExemplarPagePlace()
    private var places: [ExemplarPagePlace] = []

    /// Appends the exemplars of a row, by time; rows come in ascending order.
    mutating func append(
        _ list: [Exemplar],
        row: Int,
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        var rest = list[...]
        while !rest.isEmpty {
            var taken = 0
            for exemplar in rest {
                ExemplarBytes.append(exemplar, after: previousTimestamp, to: &exemplars)
                previousTimestamp = exemplar.timestamp
                place.add(row: row, timestamp: exemplar.timestamp, isFirst: count == 0)
                count += 1
                taken += 1
                if exemplars.count >= BlockLayout.pageTargetSize { break }
            }
            rows.appendVarint(row - previousRow)
            rows.appendVarint(taken)
            rowCount += 1
            previousRow = row
            rest = rest.dropFirst(taken)
            if exemplars.count >= BlockLayout.pageTargetSize { try closePage(with: compressor) }
        }
    }

    /// Closes the last page and writes the index.
    mutating func finish(with compressor: borrowing PageCompressor) throws(BlockBuildError) {
        try closePage(with: compressor)
        guard !places.isEmpty else { return }
        var index: [UInt8] = []
        index.appendVarint(places.count)
        var firstRow = 0
        for place in places {
            index.appendVarint(place.rows.lowerBound - firstRow)
            index.appendVarint(place.rows.upperBound - place.rows.lowerBound)
            index.appendSignedVarint(place.times.lowerBound)
            index.appendVarint(UInt64(bitPattern: place.times.upperBound &- place.times.lowerBound))
            firstRow = place.rows.lowerBound
        }
        guard index.count <= BlockLayout.pageMaximumSize else {
            throw .exemplarIndexTooLarge(size: index.count, limit: BlockLayout.pageMaximumSize)
        }
        try pages.append(index, itemCount: places.count, with: compressor)
    }

    private mutating func closePage(
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) {
        guard count > 0 else { return }
        var page: [UInt8] = []
        page.reserveCapacity(rows.count + exemplars.count + 10)
        page.appendVarint(count)
        page.appendVarint(rowCount)
        page.append(contentsOf: rows)
        page.append(contentsOf: exemplars)
        try pages.append(page, itemCount: count, with: compressor)
        places.append(place)
        rows.removeAll(keepingCapacity: true)
        exemplars.removeAll(keepingCapacity: true)
        (rowCount, count, previousRow, previousTimestamp) = (0, 0, 0, 0)
    }
}

/// Which rows and times a page of exemplars holds.
struct ExemplarPagePlace: Sendable {
    private(set) var rows = 0...0
    private(set) var times: ClosedRange<Int64> = 0...0

    init() {}

    init(rows: ClosedRange<Int>, times: ClosedRange<Int64>) {
        self.rows = rows
        self.times = times
    }

    mutating func add(row: Int, timestamp: Int64, isFirst: Bool) {
        guard !isFirst else {
            self = ExemplarPagePlace(rows: row...row, times: timestamp...timestamp)
            return
        }
        rows = rows.lowerBound...row
        times = min(times.lowerBound, timestamp)...max(times.upperBound, timestamp)
    }
}

/// Reads the pages of the section.
enum ExemplarPageReader {
    /// What the index says of each page before it, in order.
    static func index(
        _ page: BlockPage,
        stored: [UInt8],
        directory: BlockDirectory,
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) -> [ExemplarPagePlace] {
        let bytes = try page.open(stored, with: decompressor)
        var reader = PageReader(bytes, section: .exemplars, page: page.index)
        // The index is the last page: it speaks of as many as stand before it.
        let count = try reader.number(.pageCount, in: page.index...page.index)
        var places: [ExemplarPagePlace] = []
        places.reserveCapacity(count)
        var firstRow = 0
        for _ in 0..<count {
            let location = reader.location
            firstRow += try reader.number(.firstRow, in: 0...directory.seriesCount)
            let span = try reader.number(.rowCount, in: 0...directory.seriesCount)
            guard firstRow + span < directory.seriesCount,
                firstRow >= places.last?.rows.upperBound ?? 0
            else { throw .invalidField(location, .firstRow, found: UInt64(firstRow)) }
            let time = reader.location
            let earliest = try reader.signedVarint()
            let length = try reader.varint()
            let latest = earliest &+ Int64(bitPattern: length)
            guard latest >= earliest, UInt64(bitPattern: latest &- earliest) == length else {
                throw .invalidField(time, .timeRange, found: length)
            }
            places.append(
                ExemplarPagePlace(rows: firstRow...firstRow + span, times: earliest...latest)
            )
        }
        try reader.finish()
        return places
    }

    /// The exemplars of a page by row.
    static func exemplars(
        _ page: BlockPage,
        stored: [UInt8],
        directory: BlockDirectory,
        with decompressor: borrowing PageDecompressor
    ) throws(BlockFormatError) -> ExemplarPage {
        let bytes = try page.open(stored, with: decompressor)
        var reader = PageReader(bytes, section: .exemplars, page: page.index)
        let count = try reader.number(.itemCount, in: page.items.count...page.items.count)
        guard count <= reader.remaining / ExemplarBytes.minimumSize else {
            throw .invalidField(reader.location, .itemCount, found: UInt64(count))
        }
        let rows = try rows(&reader, count: count, seriesCount: directory.seriesCount)
        var exemplars: [Exemplar] = []
        exemplars.reserveCapacity(count)
        var timestamp: Int64 = 0
        for _ in 0..<count {
            let exemplar = try reader.exemplar(after: timestamp)
            timestamp = exemplar.timestamp
            exemplars.append(exemplar)
        }
        try reader.finish()
        return ExemplarPage(rows: rows, exemplars: exemplars)
    }

    private static func rows(
        _ reader: inout PageReader,
        count: Int,
        seriesCount: Int
    ) throws(BlockFormatError) -> [ExemplarPage.Row] {
        let rowCount = try reader.count(.rowCount, ofAtLeast: 2)
        var rows: [ExemplarPage.Row] = []
        rows.reserveCapacity(rowCount)
        var number = 0
        var end = 0
        for _ in 0..<rowCount {
            let location = reader.location
            number += try reader.number(.firstRow, in: 0...seriesCount)
            guard number < seriesCount, number > rows.last?.number ?? -1 else {
                throw .invalidField(location, .firstRow, found: UInt64(number))
            }
            let first = end
            end += try reader.number(.itemCount, in: 1...count)
            guard end <= count else {
                throw .invalidField(location, .itemCount, found: UInt64(end))
            }
            rows.append(ExemplarPage.Row(number: number, exemplars: first..<end))
        }
        guard end == count else {
            throw .invalidField(reader.location, .itemCount, found: UInt64(end))
        }
        return rows
    }
}

/// The exemplars of some rows.
struct ExemplarPage: Sendable {
    struct Row: Sendable {
        let number: Int
        /// Of ``exemplars``.
        let exemplars: Range<Int>
    }

    /// By ascending number.
    let rows: [Row]
    let exemplars: [Exemplar]
}
