import ClusterInterface
import Testing

@testable import ClusterTransport

@Suite struct PushReplyTests {
    static let replies: [PushReply] = [
        .answer(sequence: 0, WriteAnswer()),
        .answer(
            sequence: .max,
            WriteAnswer(
                unknownRows: [0, 7, .max],
                refusals: RefusalReason.allCases.map { .init(row: 3, sample: 9, reason: $0) }
            )
        ),
        .failure(sequence: 5, .ingester(.notAcceptingWrites(state: "LEAVING"))),
        .failure(sequence: 5, .ingester(.notAcceptingReads(state: "JOINING"))),
        .failure(sequence: 5, .ingester(.storageFailed("disk full"))),
        .failure(sequence: 5, .ingester(.overloaded(what: "bytes", limit: 1 << 40))),
        .failure(sequence: 5, .ingester(.invalidRequest("größe"))),
        .failure(sequence: 5, .other("")),
        .goodbye,
    ]

    @Test(arguments: replies)
    func `a reply is the same after a round trip`(reply: PushReply) throws {
        #expect(try PushReply(decoding: reply.encoded()) == reply)
    }

    @Test func `the bytes of version 1 stay as they are`() {
        let answer = WriteAnswer(
            unknownRows: [258],
            refusals: [.init(row: 1, sample: 2, reason: .tooOld)]
        )
        #expect(
            PushReply.answer(sequence: 3, answer).encoded() == [
                1, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0,
                1, 0, 0, 0, 2, 0, 0, 0, 2,
            ]
        )
        #expect(
            PushReply.failure(sequence: 3, .ingester(.storageFailed("x"))).encoded() == [
                1, 2, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x78,
            ]
        )
        #expect(PushReply.goodbye.encoded() == [1, 2, 0, 0, 2])
    }

    @Test func `a reason of a later version is a refusal all the same`() throws {
        let answer = WriteAnswer(refusals: [.init(row: 1, sample: 2, reason: .tooOld)])
        var bytes = PushReply.answer(sequence: 3, answer).encoded()
        bytes[bytes.count - 1] = 200
        let expected = WriteAnswer(refusals: [.init(row: 1, sample: 2, reason: .other)])
        #expect(try PushReply(decoding: bytes) == .answer(sequence: 3, expected))
    }

    @Test func `long error texts are cut at whole letters`() throws {
        let failure = RemoteFailure(
            IngesterError.storageFailed(String(repeating: "ü", count: 5000))
        )
        #expect(failure.encodedSize <= RemoteFailure.maximumTextSize + 20)
        guard
            case .ingester(.storageFailed(let text)) = try RemoteFailure(
                decoding: failure.encoded()
            )
        else {
            Issue.record("decoded as another error")
            return
        }
        #expect(text.hasPrefix("üü") && text.utf8.count <= RemoteFailure.maximumTextSize + 2)
    }
}
