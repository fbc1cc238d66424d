internal import ClusterInterface

/// What comes back on the push stream.
enum PushReply: WireMessage, Equatable {
    /// The batch with this number is stored, but for what the answer names.
    case answer(sequence: UInt64, WriteAnswer)
    /// Nothing is known to be stored of the batch with this number.
    case failure(sequence: UInt64, RemoteFailure)
    /// The server leaves: send no more on this stream and close it; what is on its way is still answered.
    case goodbye

    static let kind: UInt8 = 2

    private static let refusalSize = 9

    var bodySize: Int {
        switch self {
        case .answer(_, let answer):
            1 + 8 + 8 + answer.unknownRows.count * 4 + answer.refusals.count * Self.refusalSize
        case .failure(_, let failure): 1 + 8 + failure.bodySize
        case .goodbye: 1
        }
    }

    func write(into writer: inout WireWriter) {
        switch self {
        case .answer(let sequence, let answer):
            writer.integer(UInt8(0))
            writer.integer(sequence)
            writer.integer(UInt32(answer.unknownRows.count))
            writer.integer(UInt32(answer.refusals.count))
            writer.column(answer.unknownRows)
            for refusal in answer.refusals {
                writer.integer(refusal.row)
                writer.integer(refusal.sample)
                writer.integer(refusal.reason.code)
            }
        case .failure(let sequence, let failure):
            writer.integer(UInt8(1))
            writer.integer(sequence)
            failure.write(into: &writer)
        case .goodbye: writer.integer(UInt8(2))
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        let status = try reader.integer(UInt8.self)
        switch status {
        case 0:
            let sequence = try reader.integer(UInt64.self)
            self = .answer(sequence: sequence, try Self.answer(from: &reader))
        case 1:
            let sequence = try reader.integer(UInt64.self)
            self = .failure(sequence: sequence, try RemoteFailure(from: &reader))
        case 2: self = .goodbye
        case 3... where reader.isNewer:
            // It names its batch, as all but the goodbye do; not knowing more, the batch is to be sent again.
            let sequence = try reader.integer(UInt64.self)
            self = .failure(sequence: sequence, .other("a reply of the unknown status \(status)"))
        default: throw .invalidField("status", found: UInt64(status))
        }
    }

    private static func answer(from reader: inout WireReader) throws(WireError) -> WriteAnswer {
        let unknownCount = Int(try reader.integer(UInt32.self))
        let refusalCount = Int(try reader.integer(UInt32.self))
        var answer = WriteAnswer()
        answer.unknownRows = try reader.column(unknownCount)
        try reader.check(refusalCount, itemsOfAtLeast: refusalSize)
        answer.refusals.reserveCapacity(refusalCount)
        for _ in 0..<refusalCount {
            let row = try reader.integer(UInt32.self)
            let sample = try reader.integer(UInt32.self)
            let code = try reader.integer(UInt8.self)
            // One that is not known is a refusal, too: a reply that cannot be read would have the request sent for ever.
            answer.refusals.append(
                .init(row: row, sample: sample, reason: RefusalReason(code: code))
            )
        }
        return answer
    }
}
