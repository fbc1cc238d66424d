internal import MetricsModel

/// The bytes of a block's header and directory.
///
/// Header: magic, version, three zeros, stored size and size of the directory (u32), checksum (u64)
/// of the stored directory, seeded with the hash of the sixteen bytes before it.
enum DirectoryCoding {
    /// The pages of the sections that readers know, and the numbers of those that they pass over.
    private struct Sections {
        var known: [BlockSection: [BlockPage]] = [:]
        var foreign: [UInt8] = []
    }

    /// The sections whose content ``BlockDirectory`` hands on.
    private static let readSections: Set<BlockSection> = [
        .labels, .timestamps, .values, .digests, .histograms, .starts, .exemplars, .metadata,
    ]

    // MARK: Writing

    /// A page to be listed; its place follows from the sizes of those before it.
    struct PageEntry {
        let storedSize: Int
        let size: Int
        let checksum: UInt64
        let itemCount: Int
    }

    /// Returns header and directory.
    static func encode(
        version: UInt8,
        summary: BlockDirectory.Summary,
        labelNames: [[UInt8]],
        metrics: [BlockMetric],
        sections: [(section: UInt8, pages: [PageEntry])],
        with compressor: borrowing PageCompressor
    ) throws(BlockBuildError) -> [UInt8] {
        var directory: [UInt8] = []
        directory.appendVarint(summary.seriesCount)
        directory.appendVarint(summary.sampleCount)
        directory.appendSignedVarint(summary.range.start)
        directory.appendSignedVarint(summary.range.end)
        directory.appendSignedVarint(summary.minTime)
        directory.appendSignedVarint(summary.maxTime)
        directory.appendVarint(labelNames.count)
        for name in labelNames { directory.appendSized(name) }
        directory.appendVarint(metrics.count)
        for metric in metrics { append(metric, to: &directory) }
        directory.appendVarint(sections.count)
        for (section, pages) in sections {
            directory.append(section)
            directory.appendVarint(pages.count)
            for page in pages {
                directory.appendVarint(page.storedSize)
                directory.appendVarint(page.size)
                directory.appendVarint(page.itemCount)
                directory.appendFixed(page.checksum)
            }
        }
        guard directory.count <= BlockLayout.directoryMaximumSize else {
            throw .directoryTooLarge(
                size: directory.count,
                limit: BlockLayout.directoryMaximumSize
            )
        }
        let stored = try compressor.compress(directory)
        return frame(version: version, stored: stored, size: directory.count)
    }

    private static func append(_ metric: BlockMetric, to directory: inout [UInt8]) {
        directory.appendSized(metric.nameBytes)
        directory.appendVarint(metric.seriesCount)
        directory.appendVarint(metric.sampleCount)
        directory.appendVarint(metric.labels.count)
        for label in metric.labels {
            directory.appendVarint(label.name)
            directory.appendVarint(label.cardinality)
        }
    }

    private static func frame(version: UInt8, stored: [UInt8], size: Int) -> [UInt8] {
        var header = BlockLayout.magic
        header.append(version)
        header.append(contentsOf: [0, 0, 0])
        header.appendFixed(UInt32(stored.count))
        header.appendFixed(UInt32(size))
        let checksum = PageChecksum.of(stored, seed: PageChecksum.of(header))
        header.appendFixed(checksum)
        return header + stored
    }

    // MARK: Reading

    static func decode(_ bytes: [UInt8]) throws(BlockFormatError) -> BlockDirectory {
        let location = BlockLocation(section: .directory, page: 0)
        guard bytes.starts(with: BlockLayout.magic) else {
            throw .notABlock(found: Array(bytes.prefix(BlockLayout.magic.count)))
        }
        var header = PageReader(bytes, section: .directory, page: 0)
        _ = try header.take(BlockLayout.magic.count)
        let version = try header.byte()
        guard (BlockLayout.floatsVersion...BlockLayout.version).contains(version) else {
            throw .unsupportedVersion(found: version)
        }
        for _ in 0..<3 {
            let at = header.location
            let reserved = try header.byte()
            guard reserved == 0 else {
                throw .invalidField(at, .reserved, found: UInt64(reserved))
            }
        }
        let storedSize = Int(try header.fixed(UInt32.self))
        let sizeLocation = header.location
        let size = Int(try header.fixed(UInt32.self))
        guard size <= BlockLayout.directoryMaximumSize else {
            throw .invalidField(sizeLocation, .directorySize, found: UInt64(size))
        }
        let checksum = try header.fixed(UInt64.self)
        guard header.remaining == storedSize else {
            throw .suppliedSizeMismatch(
                location,
                expected: BlockLayout.headerSize + storedSize,
                found: bytes.count
            )
        }
        let stored = Array(bytes[BlockLayout.headerSize...])
        let seed = PageChecksum.of(Array(bytes[..<BlockLayout.checkedHeaderSize]))
        let found = PageChecksum.of(stored, seed: seed)
        guard found == checksum else {
            throw .checksumMismatch(location, expected: checksum, found: found)
        }
        let decompressor = try PageDecompressor(for: location)
        let directory = try decompressor.decompress(stored, size: size, at: location)
        return try decode(directory: directory, version: version, pagesStart: bytes.count)
    }

    private static func decode(
        directory: [UInt8],
        version: UInt8,
        pagesStart: Int
    ) throws(BlockFormatError) -> BlockDirectory {
        var reader = PageReader(directory, section: .directory, page: 0)
        let summary = try summary(&reader)
        let labelNames = try labelNames(&reader)
        let metrics = try metrics(&reader, labelNameCount: labelNames.count, summary: summary)
        let (sections, bodySize) = try Self.sections(&reader, pagesStart: pagesStart)
        try reader.finish()
        for section in [BlockSection.labels, .digests] {
            let rows = sections.known[section]?.last?.items.upperBound ?? 0
            guard rows == summary.seriesCount else {
                throw .invalidField(reader.location, .itemCount, found: UInt64(rows))
            }
        }
        return BlockDirectory(
            version: version,
            summary: summary,
            labelNames: labelNames,
            metrics: metrics,
            pages: sections.known,
            bodySize: bodySize,
            foreignSections: sections.foreign
        )
    }

    private static func summary(
        _ reader: inout PageReader
    ) throws(BlockFormatError) -> BlockDirectory.Summary {
        let seriesCount = try reader.number(.seriesCount, in: 0...Int(UInt32.max))
        let sampleCount = try reader.number(.sampleCount, in: 0...(1 << 53))
        let location = reader.location
        let range = TimeRange(start: try reader.signedVarint(), end: try reader.signedVarint())
        let minTime = try reader.signedVarint()
        let maxTime = try reader.signedVarint()
        guard seriesCount == 0 || (range.contains(minTime) && range.contains(maxTime)),
            minTime <= maxTime
        else {
            throw .invalidField(location, .timeRange, found: UInt64(bitPattern: minTime))
        }
        return BlockDirectory.Summary(
            range: range,
            minTime: minTime,
            maxTime: maxTime,
            seriesCount: seriesCount,
            sampleCount: sampleCount
        )
    }

    private static func labelNames(
        _ reader: inout PageReader
    ) throws(BlockFormatError) -> [[UInt8]] {
        let count = try reader.count(.labelNameCount, ofAtLeast: 2)
        let metricName = Array(Labels.metricName.utf8)
        var names: [[UInt8]] = []
        names.reserveCapacity(count)
        for _ in 0..<count {
            let location = reader.location
            let name = Array(reader.bytes[try reader.sized(.labelName)])
            let follows = names.last.map { $0.lexicographicallyPrecedes(name) } ?? !name.isEmpty
            guard follows, name != metricName else {
                throw .invalidField(location, .labelName, found: UInt64(name.count))
            }
            names.append(name)
        }
        return names
    }

    private static func metrics(
        _ reader: inout PageReader,
        labelNameCount: Int,
        summary: BlockDirectory.Summary
    ) throws(BlockFormatError) -> [BlockMetric] {
        let count = try reader.count(.metricCount, ofAtLeast: 4)
        var metrics: [BlockMetric] = []
        metrics.reserveCapacity(count)
        var row = 0
        var samples = 0
        for _ in 0..<count {
            let location = reader.location
            let metric = try metric(&reader, labelNameCount: labelNameCount, firstRow: row)
            let follows = metrics.last.map {
                $0.nameBytes.lexicographicallyPrecedes(metric.nameBytes)
            }
            guard follows ?? true else {
                throw .invalidField(location, .metricName, found: UInt64(metrics.count))
            }
            row = metric.rows.upperBound
            let (sum, overflow) = samples.addingReportingOverflow(metric.sampleCount)
            guard !overflow, row <= summary.seriesCount, sum <= summary.sampleCount else {
                throw .invalidField(location, .sampleCount, found: UInt64(metric.sampleCount))
            }
            samples = sum
            metrics.append(metric)
        }
        guard row == summary.seriesCount, samples == summary.sampleCount else {
            throw .invalidField(reader.location, .seriesCount, found: UInt64(row))
        }
        return metrics
    }

    private static func metric(
        _ reader: inout PageReader,
        labelNameCount: Int,
        firstRow: Int
    ) throws(BlockFormatError) -> BlockMetric {
        let name = Array(reader.bytes[try reader.sized(.metricName)])
        let seriesCount = try reader.number(.seriesCount, in: 1...Int(UInt32.max))
        let sampleCount = try reader.number(.sampleCount, in: 1...(1 << 53))
        let labelCount = try reader.count(.labelCount, ofAtLeast: 2)
        var labels: [BlockMetric.LabelUse] = []
        labels.reserveCapacity(labelCount)
        for _ in 0..<labelCount {
            let next = (labels.last?.name ?? -1) + 1
            let place = reader.location
            guard next < labelNameCount else {
                throw .invalidField(place, .labelNameIndex, found: UInt64(next))
            }
            labels.append(
                BlockMetric.LabelUse(
                    name: try reader.number(.labelNameIndex, in: next...(labelNameCount - 1)),
                    cardinality: try reader.number(.cardinality, in: 1...seriesCount)
                )
            )
        }
        return BlockMetric(
            name: name,
            seriesCount: seriesCount,
            sampleCount: sampleCount,
            labels: labels,
            rows: firstRow..<(firstRow + seriesCount)
        )
    }

    private static func sections(
        _ reader: inout PageReader,
        pagesStart: Int
    ) throws(BlockFormatError) -> (Sections, end: Int) {
        var sections = Sections()
        var position = pagesStart
        var previous: UInt8 = 0
        for _ in 0..<(try reader.count(.sectionCount, ofAtLeast: 2)) {
            let location = reader.location
            let number = try reader.byte()
            guard number > previous else {
                throw .invalidField(location, .section, found: UInt64(number))
            }
            previous = number
            let section = BlockSection(rawValue: number)
            let count = try reader.count(.pageCount, ofAtLeast: 11)
            var pages: [BlockPage] = []
            pages.reserveCapacity(count)
            var item = 0
            for index in 0..<count {
                let page = try page(
                    &reader,
                    section: section ?? .directory,
                    index: index,
                    position: position,
                    firstItem: item
                )
                position = page.range.upperBound
                item = page.items.upperBound
                pages.append(page)
            }
            if let section, readSections.contains(section) {
                sections.known[section] = pages
            } else if !pages.isEmpty {
                sections.foreign.append(number)
            }
        }
        return (sections, position)
    }

    private static func page(
        _ reader: inout PageReader,
        section: BlockSection,
        index: Int,
        position: Int,
        firstItem: Int
    ) throws(BlockFormatError) -> BlockPage {
        let storedSize = try reader.number(.storedSize, in: 1...BlockLayout.pageMaximumSize)
        let size = try reader.number(.pageSize, in: storedSize...BlockLayout.pageMaximumSize)
        let itemCount = try reader.number(.itemCount, in: 1...size)
        return BlockPage(
            section: section,
            index: index,
            range: position..<(position + storedSize),
            size: size,
            checksum: try reader.fixed(UInt64.self),
            items: firstItem..<(firstItem + itemCount)
        )
    }
}
