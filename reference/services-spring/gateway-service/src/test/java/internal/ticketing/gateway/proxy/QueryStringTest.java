package internal.ticketing.gateway.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryStringTest {

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
        "a=1&b=%20%c3 a=1&b=%20%c3", "a=/?:@!$&()*+,; a=/?:@!$&()*+,;", "a[]=1 a%5B%5D=1", "a=%zz a=%25zz", "a=% a=%25", "a=%1 a=%251",
        "a={|}^`\\<> a=%7B%7C%7D%5E%60%5C%3C%3E", "a=\u00e9 a=%E9",
    })
    void isLegalAndMeansTheSame(String sent, String passedOn) {
        assertEquals(passedOn, QueryString.legal(sent));
        assertEquals(passedOn, URI.create("http://a/?" + passedOn).getRawQuery());
    }
}
