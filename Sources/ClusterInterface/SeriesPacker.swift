internal import ChunkCoding
public import MetricsModel

/// Packs series into pieces of about ``PackedSeries/pieceSize`` bytes.
public struct SeriesPacker {
    private var piece = PackedSeries()
    private let pieceSize: Int

    public init(pieceSize: Int = PackedSeries.pieceSize) { self.pieceSize = pieceSize }

    /// Adds a series, in several items where it is larger than a piece.
    ///
    /// - Returns: The pieces that are full now; most often none.
    public mutating func add(_ fingerprint: Fingerprint, _ series: SelectedSeries) -> [PackedSeries]
    {
        let size = series.packedSize
        guard size > pieceSize else {
            guard !piece.isEmpty, piece.bytes.count + size > pieceSize else {
                piece.append(fingerprint, series)
                return []
            }
            let full = finish()
            // As large as the last: arrays that grow are copied again and again.
            piece.reserveCapacity(items: full?.count ?? 0, bytes: pieceSize)
            piece.append(fingerprint, series)
            return full.map { [$0] } ?? []
        }
        var full: [PackedSeries] = []
        for part in series.split(into: pieceSize) {
            if !piece.isEmpty, piece.bytes.count + part.packedSize > pieceSize, let piece = finish()
            {
                full.append(piece)
            }
            piece.append(fingerprint, part)
        }
        return full
    }

    /// The last piece; nil where nothing is left.
    public mutating func finish() -> PackedSeries? {
        guard !piece.isEmpty else { return nil }
        defer { piece = PackedSeries() }
        return piece
    }
}

extension SelectedSeries {
    /// Bytes of the item that it is in ``PackedSeries``.
    public var packedSize: Int {
        chunks.reduce(labels.key.count + PackedSeries.leastItemSize) {
            $0 + PackedSeries.chunkHeaderSize + $1.bytes.count
        }
    }

    /// A series of many chunks as several with the same labels, of at most about `size` bytes each.
    public func split(into size: Int) -> [SelectedSeries] {
        var parts: [SelectedSeries] = []
        var part = SelectedSeries(labels: labels, chunks: [])
        var partSize = part.packedSize
        for chunk in chunks {
            let chunkSize = PackedSeries.chunkHeaderSize + chunk.bytes.count
            if !part.chunks.isEmpty, partSize + chunkSize > size {
                parts.append(part)
                part.chunks = []
                partSize = part.packedSize
            }
            part.chunks.append(chunk)
            partSize += chunkSize
        }
        parts.append(part)
        return parts
    }
}
