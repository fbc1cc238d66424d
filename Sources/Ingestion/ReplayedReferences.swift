internal import HeadStorage

/// What the references of one segment of an old log stand for in the new head.
///
/// References are numbers of the old head's series, so they lie close together: pages of them are found without
/// hashing, and damaged ones cost no more than the list of pages.
struct ReplayedReferences {
    private var segment: UInt64 = 0
    /// Series numbers plus one, 0 where there is none.
    ///
    /// A page that nothing refers to is empty.
    private var pages: [[UInt32]] = []

    private static let pageBits: UInt32 = 10
    private static let pageSize = 1 << Int(pageBits)

    /// References hold within one segment only.
    mutating func define(_ reference: UInt32, _ series: SeriesReference?, in segment: UInt64) {
        if segment != self.segment {
            self.segment = segment
            pages.removeAll(keepingCapacity: true)
        }
        let page = Int(reference >> Self.pageBits)
        if page >= pages.count {
            pages.append(contentsOf: repeatElement([], count: page + 1 - pages.count))
        }
        if pages[page].isEmpty { pages[page] = Array(repeating: 0, count: Self.pageSize) }
        pages[page][Int(reference) & (Self.pageSize - 1)] = series.map { $0.number + 1 } ?? 0
    }

    /// The series of each reference, nil where it has none.
    func series(of references: [UInt32], in segment: UInt64) -> [SeriesReference?] {
        guard segment == self.segment else { return references.map { _ in nil } }
        // References of one record mostly lie in few pages.
        var number = -1
        var page: [UInt32] = []
        return references.map { reference in
            let wanted = Int(reference >> Self.pageBits)
            if wanted != number {
                number = wanted
                page = wanted < pages.count ? pages[wanted] : []
            }
            guard !page.isEmpty else { return nil }
            let entry = page[Int(reference) & (Self.pageSize - 1)]
            return entry == 0 ? nil : SeriesReference(number: entry - 1)
        }
    }

    subscript(reference: UInt32, in segment: UInt64) -> SeriesReference? {
        let page = Int(reference >> Self.pageBits)
        guard segment == self.segment, page < pages.count, !pages[page].isEmpty else { return nil }
        let number = pages[page][Int(reference) & (Self.pageSize - 1)]
        return number == 0 ? nil : SeriesReference(number: number - 1)
    }

    /// Frees the memory once the log is read.
    mutating func forget() { pages = [] }
}
