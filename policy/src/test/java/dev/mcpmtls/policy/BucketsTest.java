// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.trust.Assurance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketsTest {

    private static final Rate THREE = Rate.parse("3/min");
    private static final Caller A = Asking.caller("spiffe://demo.local/a");
    private static final Caller B = Asking.caller("spiffe://demo.local/b");

    private final Buckets buckets = new Buckets();

    @Test
    void aBucketIsEmptyAfterSoManyCallsAndRefillsEvenly() {
        assertThat(taken(A, NOW, 5)).isEqualTo(3);
        assertThat(buckets.take("r", THREE, A, NOW)).contains(Duration.ofSeconds(20));
        assertThat(buckets.take("r", THREE, A, NOW.plusSeconds(15))).contains(Duration.ofSeconds(5));
        assertThat(taken(A, NOW.plusSeconds(20), 5)).isEqualTo(1);
        assertThat(taken(A, NOW.plusSeconds(60), 5)).isEqualTo(2);
        assertThat(taken(A, NOW.plusSeconds(3600), 5)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1/s", "3/s", "7/min", "60/min", "999999/h"})
    void aBucketIsFullAfterItsPeriod(String text) {
        Rate rate = Rate.parse(text);
        for (int i = 0; i < rate.calls(); i++) {
            assertThat(buckets.take("r", rate, A, NOW)).isEmpty();
        }
        assertThat(buckets.take("r", rate, A, NOW)).isPresent();
        Instant later = NOW.plus(rate.period());
        for (int i = 0; i < rate.calls(); i++) {
            assertThat(buckets.take("r", rate, A, later)).isEmpty();
        }
        assertThat(buckets.take("r", rate, A, later)).isPresent();
    }

    @Test
    void eachPeerAndRuleHasABucketOfItsOwn() {
        assertThat(taken(A, NOW, 3)).isEqualTo(3);
        assertThat(taken(B, NOW, 3)).isEqualTo(3);
        assertThat(buckets.take("other", THREE, A, NOW)).isEmpty();
        assertThat(buckets.take("r", THREE, A, NOW)).isPresent();
    }

    @Test
    void aClaimedNameDoesNotEmptyTheBucketOfItsOwner() {
        Caller liar = Asking.caller(
                "spiffe://demo.local/a pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", Assurance.CLAIMED);
        assertThat(taken(liar, NOW, 5)).isEqualTo(3);
        assertThat(taken(A, NOW, 5)).isEqualTo(3);
    }

    @Test
    void aClockSetBackLocksNobodyOutForLongerThanAPeriod() {
        assertThat(taken(A, NOW.plus(Duration.ofDays(9)), 5)).isEqualTo(3);
        assertThat(buckets.take("r", THREE, A, NOW)).contains(Duration.ofSeconds(20));
        assertThat(taken(A, NOW.plusSeconds(60), 5)).isEqualTo(3);
    }

    @Test
    void otherPeersCannotMakeABucketBeForgotten() {
        Buckets small = new Buckets(10);
        for (int i = 0; i < 3; i++) {
            assertThat(small.take("r", THREE, A, NOW)).isEmpty();
        }
        for (int i = 0; i < 1000; i++) {
            small.take("r", THREE, Asking.caller("spiffe://demo.local/x" + i), NOW.plusMillis(i));
        }
        assertThat(small.take("r", THREE, A, NOW.plusSeconds(2)))
                .as("still empty")
                .isPresent();
        assertThat(small.size()).isLessThanOrEqualTo(11);
    }

    @Test
    void peersWithoutAPlaceShareOneUntilOthersAreFullAgain() {
        Buckets small = new Buckets(1);
        assertThat(small.take("r", THREE, A, NOW)).isEmpty();
        for (int i = 0; i < 3; i++) {
            assertThat(small.take("r", THREE, Asking.caller("spiffe://demo.local/x" + i), NOW))
                    .isEmpty();
        }
        assertThat(small.take("r", THREE, B, NOW)).isPresent();
        Instant later = NOW.plusSeconds(120);
        assertThat(small.take("r", THREE, B, later)).isEmpty();
        assertThat(small.size()).isEqualTo(1);
    }

    @Test
    void peersThatMakeUpTheirNamesLeavePlacesToThoseThatAreVouchedFor() {
        Buckets small = new Buckets(10);
        for (int i = 0; i < 1000; i++) {
            small.take("r", THREE, Asking.caller("spiffe://demo.local/x" + i, Assurance.CLAIMED), NOW);
        }
        assertThat(small.size()).isEqualTo(6);
        for (String own : List.of("a", "b", "c", "d")) {
            Caller caller = Asking.caller("spiffe://demo.local/" + own);
            for (int i = 0; i < 3; i++) {
                assertThat(small.take("r", THREE, caller, NOW)).isEmpty();
            }
            assertThat(small.take("r", THREE, caller, NOW)).isPresent();
        }
        assertThat(small.take("r", THREE, Asking.caller("spiffe://demo.local/e"), NOW))
                .as("shares no bucket with those")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "60",
                "60/m",
                "60/minute",
                "0/s",
                "-1/s",
                "01/s",
                "1000000/s",
                "1.5/s",
                "60/MIN",
                "/s",
                "60 per min"
            })
    void refusesWhatIsNoRate(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Rate.parse(text));
    }

    private int taken(Caller caller, Instant at, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += buckets.take("r", THREE, caller, at).isEmpty() ? 1 : 0;
        }
        return taken;
    }
}
