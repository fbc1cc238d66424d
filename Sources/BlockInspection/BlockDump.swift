internal import BlockFormat
public import ClusterInterface
public import MetricsModel

/// Writes what blocks hold as text, page by page.
public struct BlockDump: Sendable {
    private let store: any BlockStore

    public init(store: any BlockStore) { self.store = store }

    /// Series whose samples are in memory at once.
    private static let seriesPerStep = 256

    /// Prints a line of JSON for each series of the block with samples in the range.
    public func samples(
        of block: BlockRecord,
        in range: TimeRange,
        print: (String) -> Void
    ) async throws {
        let directory = try await directory(of: block)
        let selection = BlockSelection(
            directory: directory,
            matchers: [],
            seed: TenantSeed(block.tenant)
        )
        for page in selection.neededPages {
            let labels = try await open([page], of: block, directory)
            let all = selection.series(in: labels)
            for start in stride(from: 0, to: all.count, by: Self.seriesPerStep) {
                let series = all[start..<min(start + Self.seriesPerStep, all.count)]
                var reader = try BlockSamples(directory: directory, series: series)
                reader.supply(try await open(reader.neededPages, of: block, directory))
                for one in series {
                    var samples = SampleColumns()
                    try reader.decode(one, into: &samples)
                    if let line = SeriesLine.json(one.labels, samples, in: range) { print(line) }
                }
            }
        }
    }

    /// Prints how many bytes each section of the block takes, as a table or as a line of JSON.
    public func structure(
        of block: BlockRecord,
        isJSON: Bool,
        print: (String) -> Void
    ) async throws {
        let directory = try await directory(of: block)
        let sections = directory.sectionSizes
        guard !isJSON else {
            let text = sections.map { section in
                "\"\(section.section)\":{\"pages\":\(section.pageCount),\"items\":\(section.itemCount),"
                    + "\"bytes\":\(section.storedSize),\"uncompressed\":\(section.size.map(String.init) ?? "null")}"
            }
            print(
                "{\"tenant\":\(JSONText.string(block.tenant.name)),\"block\":\"\(block.id)\","
                    + "\"bytes\":\(block.size),\"samples\":\(block.sampleCount),"
                    + "\"series\":\(block.seriesCount),\"metrics\":\(directory.metrics.count),"
                    + "\"sections\":{\(text.joined(separator: ","))}}\n"
            )
            return
        }
        var rows = [
            ["SECTION", "PAGES", "ITEMS", "BYTES", "UNCOMPRESSED", "SHARE", "BYTES/SAMPLE"]
        ]
        for section in sections {
            let perSample = Double(section.storedSize) / Double(max(1, block.sampleCount))
            let share = Double(section.storedSize) / Double(max(1, block.size))
            rows.append([
                "\(section.section)", "\(section.pageCount)", "\(section.itemCount)",
                "\(section.storedSize)", section.size.map(String.init) ?? "-",
                "\(TextTable.decimal(share * 100)) %", TextTable.decimal(perSample),
            ])
        }
        print(
            "block \(block.id) of tenant \(block.tenant.name), \(UTCTime.text(block.range.start)) to "
                + "\(UTCTime.text(block.range.end)): \(directory.metrics.count) metrics, "
                + "\(block.seriesCount) series, \(block.sampleCount) samples, \(block.size) bytes\n"
                + TextTable.text(rows, leftColumns: 1)
        )
    }

    private func directory(of block: BlockRecord) async throws -> BlockDirectory {
        let bytes = try await store.read(block, ranges: [block.directory])
        return try BlockDirectory(decoding: bytes.first ?? [])
    }

    private func open(
        _ pages: [NeededPage],
        of block: BlockRecord,
        _ directory: BlockDirectory
    ) async throws -> [OpenPage] {
        guard !pages.isEmpty else { return [] }
        let bytes = try await store.read(block, ranges: pages.map(\.range))
        return try zip(pages, bytes).map { try $0.open($1, directory: directory) }
    }
}
