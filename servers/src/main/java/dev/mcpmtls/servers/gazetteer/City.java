// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import java.time.ZoneId;

/**
 * A city.
 *
 * @param name in English, or the local name if there is none in English
 * @param country in English
 * @param latitude degrees, north positive
 * @param longitude degrees, east positive
 * @param climate its usual temperatures
 */
public record City(String name, String country, double latitude, double longitude, ZoneId zone, Normals climate) {

    /** The city with its country, for example {@code Paris (France)}. */
    public String label() {
        return name + " (" + country + ")";
    }
}
