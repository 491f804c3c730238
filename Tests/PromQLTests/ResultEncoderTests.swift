import MartletCore
import PromQL
import SampleMath
import Testing

@Suite("ResultEncoder")
struct ResultEncoderTests {
    private func result(_ value: QueryResult.Value, warnings: [String] = [], infos: [String] = []) -> QueryResult {
        QueryResult(value: value, time: 1_700_000_000_500, warnings: warnings, infos: infos, peakSamples: 0)
    }

    private func text(_ result: QueryResult, limit: Int = 0) -> String {
        String(decoding: ResultEncoder.success(result, limit: limit), as: UTF8.self)
    }

    @Test("writes scalars and strings")
    func simple() {
        #expect(
            text(result(.scalar(.infinity)))
                == #"{"status":"success","data":{"resultType":"scalar","result":[1700000000.500,"+Inf"]}}"#)
        #expect(
            text(result(.string("a\"b")))
                == #"{"status":"success","data":{"resultType":"string","result":[1700000000.500,"a\"b"]}}"#)
    }

    @Test("writes vectors and matrices")
    func series() {
        let up = Labels([("__name__", "up"), ("job", "x")])
        #expect(
            text(result(.vector([QueryResult.Sample(labels: up, value: 1)])))
                == #"{"status":"success","data":{"resultType":"vector","result":["#
                + #"{"metric":{"__name__":"up","job":"x"},"value":[1700000000.500,"1"]}]}}"#)
        let samples = SampleColumns(timestamps: [1000, 61_000], values: [1e-7, .nan])
        #expect(
            text(result(.matrix([QueryResult.Series(labels: Labels(), samples: samples)])))
                == #"{"status":"success","data":{"resultType":"matrix","result":["#
                + #"{"metric":{},"values":[[1,"1e-07"],[61,"NaN"]]}]}}"#)
        #expect(text(result(.vector([]))) == #"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
    }

    @Test("cuts at the limit and says so; lists ten warnings at most")
    func limits() {
        let samples = (0..<3).map { QueryResult.Sample(labels: Labels([("n", "\($0)")]), value: 0) }
        let cut = text(result(.vector(samples)), limit: 2)
        #expect(cut.contains(#""n":"1""#) && !cut.contains(#""n":"2""#))
        #expect(cut.contains(#""warnings":["results truncated due to limit"]"#))
        #expect(!text(result(.vector(samples)), limit: 3).contains("warnings"))
        let many = text(result(.scalar(0), infos: (0..<12).map { "note \($0)" }))
        #expect(many.contains(#""note 9","2 more info annotations omitted"]"#))
    }

    @Test("writes errors with their type")
    func errors() {
        #expect(
            String(decoding: ResultEncoder.failure(QueryError(.badData, "no")), as: UTF8.self)
                == #"{"status":"error","errorType":"bad_data","error":"no"}"#)
        #expect(QueryError.Kind.execution.httpStatus == 422)
        #expect(QueryError.Kind.timeout.httpStatus == 503)
    }
}
