// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapGrowthTest {

    private static final long MIB = 1024 * 1024;

    private long size = 40 * MIB;
    private long spent;
    private int collections;
    private final HeapGrowth growth = new HeapGrowth(() -> size, () -> spent, () -> {
        collections++;
        size -= 10 * MIB;
    });

    @Test
    void hasAHeapCollectedThatIsHalfAsLargeAgain() {
        size = 61 * MIB;
        growth.check();

        assertThat(collections).isEqualTo(1);
    }

    @Test
    void leavesOneAloneThatIsNot() {
        size = 60 * MIB;
        growth.check();

        assertThat(collections).isZero();
    }

    @Test
    void measuresTheNextGrowthFromWhatWasLeft() {
        size = 61 * MIB;
        growth.check();
        size = 76 * MIB;
        growth.check();

        assertThat(collections).isEqualTo(1);

        size = 77 * MIB;
        growth.check();

        assertThat(collections).isEqualTo(2);
    }

    @Test
    void letsASmallHeapGrowByAsMuchAsIsWorthAPause() {
        size = 8 * MIB;
        HeapGrowth small = new HeapGrowth(() -> size, () -> spent, () -> collections++);
        size += HeapGrowth.LEAST;
        small.check();

        assertThat(collections).isZero();

        size++;
        small.check();

        assertThat(collections).isEqualTo(1);
    }

    @Test
    void waitsForAMomentOfRest() {
        size = 61 * MIB;
        spent += HeapGrowth.REST.toNanos();
        growth.check();

        assertThat(collections).isZero();

        growth.check();

        assertThat(collections).isEqualTo(1);
    }

    @Test
    void waitsNoLongerThanTheHeapAllows() {
        size = 80 * MIB;
        spent += HeapGrowth.REST.toNanos();
        growth.check();

        assertThat(collections).isZero();

        size++;
        spent += HeapGrowth.REST.toNanos();
        growth.check();

        assertThat(collections).isEqualTo(1);
    }
}
