// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.policy.condition.Condition.Outcome.Kind;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.Assurance;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {

    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final Caller CALLER =
            Caller.named(List.of(SpiffeId.parse("spiffe://demo.local/agent/a")), Assurance.VERIFIED);

    private final Map<String, Object> arguments = new HashMap<>(Map.of(
            "text",
            "hello",
            "int",
            5,
            "long",
            5L,
            "big",
            BigInteger.TWO.pow(70),
            "fits",
            BigInteger.valueOf(Long.MIN_VALUE),
            "half",
            2.5,
            "one",
            new BigDecimal("1.0"),
            "list",
            List.of(1, 2, 3),
            "object",
            Map.of("k", List.of(Map.of("deep", true)))));

    ConditionTest() {
        arguments.put("nothing", null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size(string(call.arguments.text)) <= 1000",
                "call.arguments.int == 5 && call.arguments.int == 5.0 && call.arguments.long == 5u",
                "type(call.arguments.int) == int && type(call.arguments.fits) == int",
                "type(call.arguments.big) == double && type(call.arguments.half) == double && type(call.arguments.one) == double",
                "call.arguments.int > 4.5 && call.arguments.half < 3 && call.arguments.one == 1",
                "call.arguments.nothing == null && has(call.arguments.nothing) && !has(call.arguments.other)",
                "call.arguments.object.k[0].deep",
                "call.arguments.list.all(i, i < 4) && call.arguments.list.exists(i, i == 2)",
                "'text' in call.arguments && call.arguments['text'].startsWith('he')",
                "call.tool == 'echo' && call.target == 'echo' && call.method == 'tools/call' && call.server == 'weather'",
                "peer.identity == 'spiffe://demo.local/agent/a' && peer.trust_domain == 'demo.local' && peer.assurance == 'VERIFIED'",
                "request.time < timestamp('2027-01-01T00:00:00Z') && request.time.getHours() == 12",
                "request.protocol_version == '2025-11-25'",
                "call.arguments.other == 1 || true",
                "call.arguments.text.matches('^h.l+o$')",
            })
    void holds(String expression) {
        assertThat(evaluate(expression)).isEqualTo(Kind.TRUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "call.arguments.text == 5",
                "call.tool == 'Echo'",
                "call.arguments.int > 5",
                "call.arguments.nothing == 0",
                "call.arguments.other == 1 && false",
                "call.arguments.list.exists(i, i > 3)",
            })
    void doesNotHold(String expression) {
        assertThat(evaluate(expression)).isEqualTo(Kind.FALSE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "call.arguments.other == 1; a value that it reads is missing",
                "call.arguments.text.other == 1; it could not be evaluated|a value that it reads is missing|a value that it reads is of another type",
                "1 / (call.arguments.int - 5) > 0; it divides by zero",
                "call.arguments.text; its value is neither true nor false",
                "call.arguments.text < 5; a value that it reads is of another type",
                "int(call.arguments.text) == 1; a value that it converts is of another form",
                "peer.certificate.serial == 'x'; it could not be evaluated|a value that it reads is missing",
            })
    void failsWithoutTellingValues(String expression, String words) {
        Condition.Outcome outcome = Condition.compile(expression).evaluate(facts());
        assertThat(outcome.kind()).isEqualTo(Kind.FAILED);
        assertThat(outcome.failure()).matches(words);
    }

    @Test
    void goesThroughNoMoreThanSoManyElements() {
        Condition condition = Condition.compile("call.arguments.list.all(i, i == 0)");
        arguments.put("list", Collections.nCopies(Condition.MAX_ITERATIONS - 1, 0));
        assertThat(condition.evaluate(facts()).kind()).isEqualTo(Kind.TRUE);
        arguments.put("list", Collections.nCopies(Condition.MAX_ITERATIONS + 1, 0));
        assertThat(condition.evaluate(facts()).failure()).isEqualTo("it takes too many steps");
        assertThat(condition.hasLoops()).isTrue();
        assertThat(Condition.compile("has(call.arguments.x)").hasLoops()).isFalse();
        assertThat(Condition.compile("call.arguments.x.matches('(a|b)+c')").hasLoops())
                .isTrue();
    }

    @Test
    void aLoopInALoopCountsAllSteps() {
        arguments.put("list", Collections.nCopies(40, 0));
        assertThat(evaluate("call.arguments.list.all(i, call.arguments.list.all(j, i == j))"))
                .isEqualTo(Kind.FAILED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "call.arguments.x == 1; UNKNOWN",
                "size(string(call.arguments.text)) <= 1000; UNKNOWN",
                "has(call.arguments.x); UNKNOWN",
                "'x' in call.arguments; UNKNOWN",
                "call.arguments.list.all(i, i < 3); UNKNOWN",
                "['a'].exists(x, x == call.arguments.x); UNKNOWN",
                "!call.arguments.x; UNKNOWN",
                "call.arguments.x; UNKNOWN",
                "call.arguments.x ? true : false; UNKNOWN",
                "call.arguments.x == 1 || call.tool == 'echo'; TRUE",
                "call.arguments.x == 1 && call.tool == 'other'; FALSE",
                "call.tool == 'other' && call.arguments.x == 1; FALSE",
                "call.tool == 'echo'; TRUE",
                "call.tool == 'other'; FALSE",
            })
    void whileListingArgumentsAreUnknown(String expression, String kind) {
        Call call = new Call("weather", "tools/call", "echo").with(() -> {
            throw new AssertionError("read");
        });
        assertThat(Condition.compile(expression)
                        .evaluate(Facts.listing(CALLER, call, NOW))
                        .kind())
                .isEqualTo(Kind.valueOf(kind));
    }

    @Test
    void whileListingTemplatesTheTargetIsUnknownAndArgumentsAreEmpty() {
        Call call = new Call("weather", "resources/read", "a://{x}").about(Subject.TEMPLATE);
        Facts listing = Facts.listing(CALLER, call, NOW);
        assertThat(Condition.compile("call.target == 'a://b'").evaluate(listing).kind())
                .isEqualTo(Kind.UNKNOWN);
        assertThat(Condition.compile("size(call.arguments) == 0")
                        .evaluate(listing)
                        .kind())
                .isEqualTo(Kind.TRUE);
    }

    @Test
    void readsTheCertificate() {
        var leaf = ThrowawayCa.root("CA").client("a").leaf();
        Caller caller =
                new Caller(CALLER.identity(), CALLER.names(), Optional.empty(), Assurance.VERIFIED, Optional.of(leaf));
        Condition condition = Condition.compile("peer.certificate.serial == '"
                + leaf.getSerialNumber().toString(16).toUpperCase()
                + "' && peer.certificate.issuer == 'CN=CA' && peer.certificate.not_after > request.time");
        Facts facts = Facts.calling(
                caller,
                new Call("weather", "tools/call", "echo"),
                leaf.getNotBefore().toInstant());
        assertThat(condition.evaluate(facts).kind()).isEqualTo(Kind.TRUE);
    }

    @Test
    void deepArgumentsAreRead() {
        Object deep = true;
        for (int i = 0; i < 500; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        arguments.put("deep", deep);
        assertThat(evaluate("call.arguments.deep == call.arguments.deep")).isEqualTo(Kind.TRUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 > 2", "false && call.arguments.x == 1"})
    void saysWhatIsFalseForEveryCall(String expression) {
        assertThat(Condition.compile(expression).regardless().kind()).isEqualTo(Kind.FALSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"call.tool == 'x'", "peer.certificate.serial == 'x'", "request.time.getHours() < 3"})
    void saysWhatDependsOnTheCall(String expression) {
        assertThat(Condition.compile(expression).regardless().kind()).isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "peer.identty == 'x'; 1:1; did you mean 'peer.identity'?",
                "true && call.argument.x == 1; 1:9; did you mean 'call.arguments'?",
                "tool == 'x'; 1:1; did you mean 'call.tool'?",
                "args.x == 1; 1:1; did you mean 'call.arguments'?",
                "peer.certificate.seral == 'x'; 1:1; did you mean 'peer.certificate.serial'?",
                "call.tool.startWith('x'); 1:20; did you mean 'startsWith'?",
                "wholly.unheard_of == 1; 1:1; the variables are",
                "call.tool == 1; 1:11; convert one of them",
                "size(call.tool); 1:1; compare it with something",
                "call.tool; 1:1; compare it with something",
                "call.tool ==; 1:13; check brackets",
                "call.tool.matches('['); 1:11; its form is RE2",
            })
    void refusesWhatCannotBeACondition(String expression, String place, String remedy) {
        assertThatExceptionOfType(BadConditionException.class)
                .isThrownBy(() -> Condition.compile(expression))
                .satisfies(e -> assertThat(e.line() + ":" + e.column()).isEqualTo(place))
                .withMessageContaining("\n")
                .withMessageContaining(remedy);
    }

    @Test
    void refusesWhatIsTooLongOrTooDeep() {
        for (String expression : List.of(
                "true" + " ".repeat(4096),
                "(".repeat(1000) + "true" + ")".repeat(1000),
                "!".repeat(4000) + "true",
                "[".repeat(4000),
                "-".repeat(4000) + "1 > 0",
                "call.arguments" + ".a".repeat(2000),
                "1" + "+1".repeat(2000) + " > 0",
                "true" + " && true".repeat(500),
                "true" + "?true:true".repeat(400))) {
            try {
                Condition.compile(expression);
            } catch (BadConditionException e) {
                assertThat(e).hasMessageContaining("\n");
            }
        }
    }

    private Kind evaluate(String expression) {
        return Condition.compile(expression).evaluate(facts()).kind();
    }

    private Facts facts() {
        Call call = new Call("weather-mcp", "tools/call", "echo")
                .at("weather")
                .speaking("2025-11-25")
                .with(() -> arguments);
        return Facts.calling(CALLER, call, NOW);
    }
}
