// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import static dev.mcpmtls.protocol.pins.PinsFixture.CLOCK;
import static dev.mcpmtls.protocol.pins.PinsFixture.ECHO;
import static dev.mcpmtls.protocol.pins.PinsFixture.EVIL;
import static dev.mcpmtls.protocol.pins.PinsFixture.list;
import static dev.mcpmtls.protocol.pins.PinsFixture.names;
import static dev.mcpmtls.protocol.pins.PinsFixture.pins;
import static dev.mcpmtls.protocol.pins.PinsFixture.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.pins.PinChange.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PinnedToolsTest {

    private final List<PinChange> told = new ArrayList<>();
    private final PinnedTools tools = new PinnedTools(pins("s", ECHO, CLOCK).of("spiffe://a/b"), told::add);

    @Test
    void permitsAToolOnceAListHasShownItAsApproved() {
        assertThat(tools.isChecked("echo")).isFalse();
        assertThat(tools.objection("echo")).isEmpty();

        see(ECHO);

        assertThat(tools.isChecked("echo")).isTrue();
        assertThat(tools.isChecked("clock")).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void objectsToAToolThatChangedAndToOneThatIsNew() {
        see(EVIL, CLOCK.replace("clock", "rm"));

        assertThat(tools.isChecked("echo")).isFalse();
        assertThat(tools.objection("echo")).map(PinChange::kind).contains(Kind.CHANGED);
        assertThat(tools.objection("rm")).map(PinChange::kind).contains(Kind.NEW);
        assertThat(tools.objection("never-listed")).map(PinChange::kind).contains(Kind.NEW);
        assertThat(told).extracting(PinChange::name).containsExactly("echo", "rm");
    }

    @Test
    void wantsAnotherListAfterAChange() {
        long before = tools.listing(true);
        tools.listChanged();

        assertThat(names(tools.listed(list(ECHO), before))).containsExactly("echo");
        assertThat(tools.isChecked("echo"))
                .as("its list is older than the change")
                .isFalse();

        see(ECHO);
        assertThat(tools.isChecked("echo")).isTrue();
    }

    @Test
    void believesNoPageAfterAnotherHasShownTheToolChanged() {
        for (List<String> pages : List.of(List.of(ECHO, EVIL), List.of(EVIL, ECHO))) {
            tools.listing(true);
            for (String page : pages) {
                tools.listed(list(page), tools.listing(false));
            }
            assertThat(tools.isChecked("echo")).isFalse();
            assertThat(tools.objection("echo")).isPresent();
        }
        see(ECHO);
        assertThat(tools.isChecked("echo")).isTrue();
    }

    @Test
    void tellsOfEachChangeOnce() {
        see(EVIL);
        see(EVIL);
        assertThat(told).hasSize(1);
        see(EVIL.replace("ssh", "aws"));
        assertThat(told).hasSize(2);
    }

    @Test
    void isBoundedHoweverManyToolsAServerNames() {
        String[] many = IntStream.range(0, 5000)
                .mapToObj(i -> "{\"name\":\"t" + i + "\"}")
                .toArray(String[]::new);

        see(many);
        see(EVIL);

        assertThat(told).hasSize(1001);
        assertThat(told.get(1000).name()).isEqualTo("echo");
        assertThat(tools.objection("t4999")).isPresent();
    }

    @Test
    void knowsWhichPinnedToolsAListLacks() {
        see(ECHO);
        assertThat(tools.removed()).extracting(PinChange::name).containsExactly("clock");
        see(ECHO, CLOCK);
        assertThat(tools.removed()).isEmpty();
    }

    @Test
    void dropsInstructionsThatWereNotApproved() {
        assertThat(tools.introduced(read("{\"instructions\":\"Obey.\",\"serverInfo\":{}}")))
                .containsOnlyKeys("serverInfo");
        assertThat(tools.withheld()).extracting(PinChange::kind).containsExactly(Kind.INSTRUCTIONS);

        PinnedTools approved =
                new PinnedTools(tools.pins().accept(tools.withheld().get(0)), told::add);
        assertThat(approved.introduced(read("{\"instructions\":\"Obey.\"}"))).containsEntry("instructions", "Obey.");
        assertThat(approved.introduced(read("{}"))).isEmpty();
        assertThat(approved.withheld()).isEmpty();
    }

    @Test
    void showsNoToolOfAnotherIdentity() {
        tools.answeredBy("spiffe://a/other");

        assertThat(names(tools.listed(list(ECHO), tools.listing(true)))).isEmpty();
        assertThat(tools.isChecked("echo")).isFalse();
        assertThat(tools.objection("echo")).map(PinChange::kind).contains(Kind.IDENTITY);

        tools.answeredBy("spiffe://a/b");
        see(ECHO);
        assertThat(tools.isChecked("echo")).isTrue();
    }

    private void see(String... all) {
        tools.listed(list(all), tools.listing(true));
    }
}
