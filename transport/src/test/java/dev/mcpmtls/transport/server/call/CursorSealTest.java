// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorSealTest {

    private static final String LIST = "tools/list";
    private static final Owner ALICE = owner("alice");
    private static final byte[] SECRET = new byte[32];

    private final CursorSeal seal = new CursorSeal("files", SECRET);

    private static Owner owner(String name) {
        return Owner.vouched(SpiffeId.parse("spiffe://demo.local/agent/" + name));
    }

    private static void assertRefused(CursorSeal seal, Owner owner, String method, String cursor) {
        assertThatThrownBy(() -> seal.open(owner, method, cursor))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.message()).isEqualTo("the cursor is none of this list's"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "delete_all",
                "é\u0000\ud83d\ude00",
                "exactly sixty bytes long, so that it fills one step of the pad"
            })
    void opensWhatItSealedInEveryProcessWithTheSameSecret(String cursor) {
        String sealed = seal.seal(ALICE, LIST, cursor);

        assertThat(sealed).matches("[A-Za-z0-9_-]+").doesNotContain("delete");
        assertThat(new CursorSeal("files", SECRET.clone()).open(ALICE, LIST, sealed))
                .isEqualTo(cursor);
    }

    @Test
    void opensALongCursor() {
        String cursor = "x".repeat(1_000_000);
        assertThat(seal.open(ALICE, LIST, seal.seal(ALICE, LIST, cursor))).isEqualTo(cursor);
    }

    @Test
    void hidesTheLengthInStepsAndNeverRepeatsItself() {
        assertThat(seal.seal(ALICE, LIST, "a")).hasSameSizeAs(seal.seal(ALICE, LIST, "a".repeat(60)));
        assertThat(seal.seal(ALICE, LIST, "a".repeat(61)).length())
                .isGreaterThan(seal.seal(ALICE, LIST, "a").length());
        assertThat(seal.seal(ALICE, LIST, "a")).isNotEqualTo(seal.seal(ALICE, LIST, "a"));
    }

    @Test
    void refusesACursorOfAnotherCallerListServerOrKey() {
        String sealed = seal.seal(ALICE, LIST, "next");
        byte[] other = SECRET.clone();
        other[31] = 1;

        assertRefused(seal, owner("bob"), LIST, sealed);
        assertRefused(seal, ALICE, "prompts/list", sealed);
        assertRefused(new CursorSeal("notes", SECRET), ALICE, LIST, sealed);
        assertRefused(new CursorSeal("files", other), ALICE, LIST, sealed);
    }

    @Test
    void refusesACursorOfWhichAnyBitWasChanged() {
        byte[] sealed = Base64.getUrlDecoder().decode(seal.seal(ALICE, LIST, "next"));
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(seal, ALICE, LIST, text(changed));
        }
    }

    @Test
    void refusesACursorThatIsCutOrLengthened() {
        byte[] sealed = Base64.getUrlDecoder().decode(seal.seal(ALICE, LIST, "next"));
        for (int length = 0; length < sealed.length; length++) {
            assertRefused(seal, ALICE, LIST, text(Arrays.copyOf(sealed, length)));
        }
        assertRefused(seal, ALICE, LIST, text(Arrays.copyOf(sealed, sealed.length + 1)));
        assertRefused(seal, ALICE, LIST, "A".repeat(4_000_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "delete_all", "=", "a b", "é", "AAAAAAAAAAAAAAAAAAAAAAAA"})
    void refusesACursorOfTheBackends(String cursor) {
        assertRefused(seal, ALICE, LIST, cursor);
    }

    private static String text(byte[] sealed) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    }
}
