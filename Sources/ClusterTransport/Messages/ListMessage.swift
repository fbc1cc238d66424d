/// A piece of an answer that is a list; a long answer is many pieces.
struct ListMessage<Item: ListItem>: WireMessage {
    static var kind: UInt8 { Item.listKind }

    var items: [Item]

    init(_ items: [Item]) { self.items = items }

    var bodySize: Int { items.reduce(4) { $0 + $1.encodedSize } }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt32(items.count))
        for item in items { item.write(into: &writer) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        let count = try reader.count(itemsOfAtLeast: Item.leastSize)
        items = []
        for _ in 0..<count { items.append(try Item(from: &reader)) }
    }
}

/// One entry of a list answer.
protocol ListItem: Sendable {
    /// The kind of a message with a list of these.
    static var listKind: UInt8 { get }

    /// Bytes of the smallest item.
    static var leastSize: Int { get }

    var encodedSize: Int { get }

    func write(into writer: inout WireWriter)

    init(from reader: inout WireReader) throws(WireError)

    /// Items of at most about `size` bytes each that say the same.
    func split(into size: Int) -> [Self]

    /// Takes an item that continues this one.
    ///
    /// - Returns: false where the item is one of its own.
    mutating func join(_ next: Self) -> Bool
}

extension ListItem {
    func split(into size: Int) -> [Self] { [self] }

    mutating func join(_ next: Self) -> Bool { false }
}

extension Array where Element: ListItem {
    /// Cuts the list for sending: no piece takes many more bytes than `size`; an empty list has no pieces.
    func pieces(ofSize size: Int) -> [[Element]] {
        var pieces: [[Element]] = []
        var piece: [Element] = []
        var pieceSize = 0
        for item in self {
            for part in item.encodedSize > size ? item.split(into: size) : [item] {
                if pieceSize > 0, pieceSize + part.encodedSize > size {
                    pieces.append(piece)
                    piece = []
                    pieceSize = 0
                }
                piece.append(part)
                pieceSize += part.encodedSize
            }
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    /// Puts a piece behind those that came before it.
    mutating func appendPiece(_ piece: [Element]) {
        guard let first = piece.first else { return }
        if !isEmpty, self[count - 1].join(first) {
            append(contentsOf: piece.dropFirst())
        } else {
            append(contentsOf: piece)
        }
    }
}
