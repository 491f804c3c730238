// What the words of the three query languages mean: for completion and for the hints over a query.

/** @typedef {{kind: 'function' | 'keyword' | 'field', about: string, form?: string}} Word `form`: how it is called */

/**
 * A table of lines `form: about`, named for what stands before the first parenthesis.
 * @param {Word['kind']} kind @param {string} text @returns {[string, Word][]}
 */
function listed(kind, text) {
    return text.trim().split('\n').map((line) => {
        const [, form, about] = /** @type {RegExpExecArray} */ (/^\s*(.+?) ~ (.+)$/.exec(line));
        const name = form.split(/[\s(]/)[0];
        return [name, { kind, about, form: form === name ? undefined : form }];
    });
}

const aggregations = listed('function', `
    sum by (label) (v) ~ Sum over the series of each group.
    avg by (label) (v) ~ Mean over the series of each group.
    min by (label) (v) ~ Smallest value of each group.
    max by (label) (v) ~ Largest value of each group.
    count by (label) (v) ~ Number of series in each group.
    stddev by (label) (v) ~ Standard deviation over the series of each group.
    stdvar by (label) (v) ~ Variance over the series of each group.
    topk(k, v) ~ The k series with the largest values.
    bottomk(k, v) ~ The k series with the smallest values.`);

const promql = new Map([...aggregations, ...listed('function', `
    group by (label) (v) ~ 1 for each group that has a series.
    quantile(φ, v) ~ The φ-quantile (0 to 1) over the series of each group.
    count_values("label", v) ~ Number of series with each value.
    limitk(k, v) ~ k series of each group, whichever they are.
    limit_ratio(r, v) ~ A share r of the series, the same ones each time.
    abs(v) ~ Absolute values.
    absent(v) ~ 1 when no series matches, nothing otherwise.
    absent_over_time(v[d]) ~ 1 when no series has a sample in the window.
    acos(v) ~ Arc cosine, in radians.
    acosh(v) ~ Inverse hyperbolic cosine.
    asin(v) ~ Arc sine, in radians.
    asinh(v) ~ Inverse hyperbolic sine.
    atan(v) ~ Arc tangent, in radians.
    atanh(v) ~ Inverse hyperbolic tangent.
    avg_over_time(v[d]) ~ Mean of the samples in the window.
    ceil(v) ~ Rounded up to whole numbers.
    changes(v[d]) ~ How often the value changed in the window.
    clamp(v, min, max) ~ Values kept between two bounds.
    clamp_max(v, max) ~ Values kept below a bound.
    clamp_min(v, min) ~ Values kept above a bound.
    cos(v) ~ Cosine of radians.
    cosh(v) ~ Hyperbolic cosine.
    count_over_time(v[d]) ~ Number of samples in the window.
    day_of_month(v) ~ Day of the month in UTC, 1 to 31.
    day_of_week(v) ~ Day of the week in UTC, 0 is Sunday.
    day_of_year(v) ~ Day of the year in UTC, 1 to 366.
    days_in_month(v) ~ Days of the month in UTC, 28 to 31.
    deg(v) ~ Radians as degrees.
    delta(v[d]) ~ Difference over the window, of a gauge; extrapolated to its edges.
    deriv(v[d]) ~ Slope per second by linear regression, of a gauge.
    double_exponential_smoothing(v[d], sf, tf) ~ Smoothed value of a gauge, by smoothing and trend factor.
    exp(v) ~ e to the power of the values.
    floor(v) ~ Rounded down to whole numbers.
    histogram_avg(v) ~ Mean observation of native histograms.
    histogram_count(v) ~ Number of observations in native histograms.
    histogram_fraction(low, high, v) ~ Share of the observations between two bounds.
    histogram_quantile(φ, v) ~ The φ-quantile (0 to 1) of a histogram; of classic buckets ask with sum by (le) (rate(…)).
    histogram_stddev(v) ~ Standard deviation of the observations in native histograms.
    histogram_stdvar(v) ~ Variance of the observations in native histograms.
    histogram_sum(v) ~ Sum of the observations in native histograms.
    hour(v) ~ Hour of the day in UTC, 0 to 23.
    idelta(v[d]) ~ Difference of the last two samples, of a gauge.
    increase(v[d]) ~ Growth of a counter over the window; knows resets, extrapolates to the edges.
    info(v, selector) ~ Adds labels of info metrics such as target_info.
    irate(v[d]) ~ Growth per second of a counter between the last two samples.
    label_join(v, "to", "sep", "from", …) ~ Joins labels into a new one.
    label_replace(v, "to", "$1", "from", "regex") ~ A label made from another one by a pattern.
    last_over_time(v[d]) ~ Newest sample of the window.
    ln(v) ~ Natural logarithm.
    log10(v) ~ Logarithm to base ten.
    log2(v) ~ Logarithm to base two.
    mad_over_time(v[d]) ~ Median absolute deviation of the samples in the window.
    max_over_time(v[d]) ~ Largest sample of the window.
    min_over_time(v[d]) ~ Smallest sample of the window.
    minute(v) ~ Minute of the hour in UTC, 0 to 59.
    month(v) ~ Month of the year in UTC, 1 to 12.
    pi() ~ The number π.
    predict_linear(v[d], t) ~ Value of a gauge t seconds from now, by linear regression.
    present_over_time(v[d]) ~ 1 for each series with a sample in the window.
    quantile_over_time(φ, v[d]) ~ The φ-quantile of the samples in the window.
    rad(v) ~ Degrees as radians.
    rate(v[d]) ~ Growth per second of a counter, mean over the window; knows resets.
    resets(v[d]) ~ How often a counter began anew in the window.
    round(v, to) ~ Rounded to the nearest multiple; to whole numbers without one.
    scalar(v) ~ The value of a single series as a plain number.
    sgn(v) ~ Sign: 1, 0 or −1.
    sin(v) ~ Sine of radians.
    sinh(v) ~ Hyperbolic sine.
    sort(v) ~ Series by value, upwards.
    sort_by_label(v, "label") ~ Series by labels, upwards.
    sort_by_label_desc(v, "label") ~ Series by labels, downwards.
    sort_desc(v) ~ Series by value, downwards.
    sqrt(v) ~ Square root.
    stddev_over_time(v[d]) ~ Standard deviation of the samples in the window.
    stdvar_over_time(v[d]) ~ Variance of the samples in the window.
    sum_over_time(v[d]) ~ Sum of the samples in the window.
    tan(v) ~ Tangent of radians.
    tanh(v) ~ Hyperbolic tangent.
    time() ~ Seconds since 1970 at each step.
    timestamp(v) ~ When each sample was taken, in seconds since 1970.
    vector(s) ~ A number as a series without labels.
    year(v) ~ Year in UTC.`),
...listed('keyword', `
    by (label) ~ Groups by these labels alone.
    without (label) ~ Groups by all labels but these.
    on (label) ~ Matches series by these labels alone.
    ignoring (label) ~ Matches series by all labels but these.
    group_left (label) ~ Many series on the left match one on the right, whose labels may be taken over.
    group_right (label) ~ Many series on the right match one on the left, whose labels may be taken over.
    offset 5m ~ Looks back from each step by this time.
    bool ~ A comparison answers 0 or 1 instead of leaving series out.
    and ~ Series of the left that have a partner on the right.
    or ~ Series of the left, and those of the right without a partner.
    unless ~ Series of the left without a partner on the right.
    atan2 ~ Arc tangent of two values, in radians.`)]);

const logql = new Map([...aggregations, ...listed('function', `
    sort(v) ~ Series by value, upwards.
    sort_desc(v) ~ Series by value, downwards.
    vector(s) ~ A number as a series without labels.
    label_replace(v, "to", "$1", "from", "regex") ~ A label made from another one by a pattern.
    rate({…}[d]) ~ Lines per second.
    count_over_time({…}[d]) ~ Lines in the window.
    bytes_rate({…}[d]) ~ Bytes of lines per second.
    bytes_over_time({…}[d]) ~ Bytes of lines in the window.
    absent_over_time({…}[d]) ~ 1 when there is no line in the window.
    sum_over_time({…} | unwrap label [d]) ~ Sum of an unwrapped label.
    avg_over_time({…} | unwrap label [d]) ~ Mean of an unwrapped label.
    min_over_time({…} | unwrap label [d]) ~ Smallest value of an unwrapped label.
    max_over_time({…} | unwrap label [d]) ~ Largest value of an unwrapped label.
    first_over_time({…} | unwrap label [d]) ~ Oldest value of an unwrapped label.
    last_over_time({…} | unwrap label [d]) ~ Newest value of an unwrapped label.
    stddev_over_time({…} | unwrap label [d]) ~ Standard deviation of an unwrapped label.
    stdvar_over_time({…} | unwrap label [d]) ~ Variance of an unwrapped label.
    quantile_over_time(φ, {…} | unwrap label [d]) ~ The φ-quantile of an unwrapped label.
    rate_counter({…} | unwrap label [d]) ~ Growth per second of an unwrapped label that counts.`),
...listed('keyword', `
    by (label) ~ Groups by these labels alone.
    without (label) ~ Groups by all labels but these.
    offset 5m ~ Looks back from each step by this time.
    json ~ Makes labels of the fields of a JSON line.
    logfmt ~ Makes labels of key=value pairs.
    pattern "<ip> - <method>" ~ Makes labels of the parts of a line that a pattern names.
    regexp "(?P<name>re)" ~ Makes labels of the named groups of a regular expression.
    unpack ~ Undoes the agent’s pack stage.
    line_format "{{.label}}" ~ Writes the line anew by a template.
    label_format to=from ~ Renames labels, or writes them by a template.
    unwrap label ~ Takes a label’s value as the number to reckon with.
    drop label ~ Leaves labels out.
    keep label ~ Leaves all other labels out.
    decolorize ~ Takes terminal colours out of the line.
    duration(label) ~ Reads a label as a duration, in seconds.
    bytes(label) ~ Reads a label as a size, in bytes.
    ip("10.0.0.0/8") ~ Matches addresses of a network.`)]);

const traceql = new Map([...listed('function', `
    count() ~ Number of spans that match.
    sum(duration) ~ Sum of an attribute over the spans that match.
    avg(duration) ~ Mean of an attribute over the spans that match.
    min(duration) ~ Smallest value over the spans that match.
    max(duration) ~ Largest value over the spans that match.
    select(span.http.route) ~ Adds attributes to what is answered.
    by(resource.service.name) ~ Groups by attributes.
    rate() ~ Spans per second, as a graph.
    count_over_time() ~ Spans in each step, as a graph.
    min_over_time(duration) ~ Smallest value in each step, as a graph.
    max_over_time(duration) ~ Largest value in each step, as a graph.
    avg_over_time(duration) ~ Mean in each step, as a graph.
    sum_over_time(duration) ~ Sum in each step, as a graph.
    quantile_over_time(duration, .99) ~ Quantiles in each step, as a graph.
    histogram_over_time(duration) ~ A histogram in each step.
    compare({ status = error }) ~ What sets the spans in it apart from the others.
    coalesce() ~ One set of all the spans found.`),
...listed('field', `
    duration ~ How long the span took, such as 100ms.
    name ~ Name of the span.
    status ~ ok, error or unset.
    statusMessage ~ Text of the status.
    kind ~ server, client, producer, consumer, internal or unspecified.
    rootName ~ Name of the trace’s root span.
    rootServiceName ~ Service of the trace’s root span.
    traceDuration ~ From the first start to the last end in the trace.
    parent ~ The parent’s attributes: parent.name.
    event:name ~ Name of an event of the span.
    link:traceID ~ Trace that a link of the span leads to.
    trace:id ~ The trace’s id.
    span:id ~ The span’s id.
    resource.service.name ~ The service which made the span.`),
...listed('keyword', `
    nil ~ The attribute is absent.
    true ~ Yes.
    false ~ No.
    error ~ The status of a span that failed.
    ok ~ The status of a span that succeeded.
    unset ~ The status of a span that says nothing of it.`)]);

/** @type {Record<'promql' | 'logql' | 'traceql', Map<string, Word>>} */
export const words = { promql, logql, traceql };
