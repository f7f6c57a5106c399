// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Countries and states: after a comma they belong to the city before it ({@code Paris, France}). */
final class Regions {

    /** Names of countries that are cities as well: in a list of cities, they stand for the city. */
    private static final Set<String> CITIES = Set.of(
            "singapore",
            "monaco",
            "luxembourg",
            "djibouti",
            "san marino",
            "guatemala",
            "kuwait",
            "panama",
            "gibraltar",
            "macao");

    private static final String MORE =
            "d.c.,d.c,usa,us,u.s.,u.s.a.,uk,u.k.,uae,united states of america,america,england,scotland,wales"
                    + ",northern ireland,holland,the netherlands,czech republic,south korea,korea,turkey,russia,vietnam"
                    + ",alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,florida,hawaii,idaho,illinois,indiana"
                    + ",iowa,kansas,kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,mississippi,missouri,montana"
                    + ",nebraska,nevada,new hampshire,new jersey,new mexico,north carolina,north dakota,ohio,oklahoma,oregon"
                    + ",pennsylvania,rhode island,south carolina,south dakota,tennessee,texas,utah,vermont,virginia,west virginia"
                    + ",wisconsin,wyoming,ontario,quebec,british columbia,alberta,manitoba,saskatchewan,nova scotia"
                    + ",new south wales,queensland,tasmania,western australia,south australia";

    /** Postal codes of states, without LA, which people also write for the city. */
    private static final Set<String> STATE_CODES =
            Set.of(("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY ME MD MA MI MN MS MO MT"
                            + " NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC ON QC BC AB MB NS NSW QLD")
                    .split(" "));

    private static final Set<String> NAMES = names();

    private Regions() {}

    static boolean isRegion(String name) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT)) || STATE_CODES.contains(name);
    }

    private static Set<String> names() {
        Set<String> names = new HashSet<>(Arrays.asList(MORE.split(",")));
        for (String code : Locale.getISOCountries()) {
            names.add(new Locale.Builder()
                    .setRegion(code)
                    .build()
                    .getDisplayCountry(Locale.ENGLISH)
                    .toLowerCase(Locale.ROOT));
        }
        names.removeAll(CITIES);
        return Set.copyOf(names);
    }
}
